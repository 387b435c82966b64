import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { status, WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

const SECRETS = {
  CLIENT_SECRET: 'secret-of-the-app-1',
  PASSWORD: 'secret-password-2',
  HOOK_SECRET: 'whsec_c2VjcmV0LW9mLXRoZS1ob29r',
  HEADER: 'Bearer secret-header-4',
};

describe('Secrets', () => {
  let place: Workplace;
  let server: WebhookServer;
  let path: string;

  beforeEach(async () => {
    place = await Workplace.open();
    server = await WebhookServer.start(status(500), status(401), status(422));
    place.file('file.secret', 'secret-in-a-file-5\n');
    path = place.file(
      'config.yaml',
      `
salesforce: { login: jwt, client_secret: \${CLIENT_SECRET}, password: \${PASSWORD}, security_token: 'inline-secret-6' }
topics: [Account]
processing: { replay_from: earliest, retry_delay_seconds: 0 }
logging: { level: DEBUG, format: json, file: run.log }
sinks:
  hook:
    type: webhook
    url: "${server.url.replace('http://', 'http://user:secret-login-7@')}"
    secret: \${HOOK_SECRET}
    headers: { authorization: \${HEADER}, x-key: '\${file:${place.folder}/file.secret}' }
`,
    );
  });
  afterEach(async () => {
    await place.close();
    await server.stop();
  });

  const all = () => [
    ...Object.values(SECRETS),
    'secret-in-a-file-5',
    'inline-secret-6',
    'secret-login-7',
    'in-the-url',
    place.emulator.credentials.accessToken,
  ];

  it('are in no output of any command, and in no line of a log for debugging', async () => {
    place.emulator.org.create('Account', { Name: 'a' });
    place.emulator.org.create('Account', { Name: 'b' });
    const command = place.start(['run', path, '--debug'], SECRETS);
    await server.until(3);
    const log = () => readFileSync(join(place.folder, 'run.log'), 'utf8');
    await command.kill();
    const outputs = [command.stdout, command.stderr, log()];
    const commands = [
      ['check', path],
      ['check', path, '--connect'],
      ['dlq', 'list', '-c', path],
      ['dlq', 'redrive', '-c', path],
    ];
    commands.push(['topics', '-c', path], ['positions', 'list', '-c', path], ['run', path, '--only', 'None']);
    for (const args of commands) {
      const { stdout, stderr } = await place.start(args, SECRETS).ended;
      outputs.push(stdout, stderr);
    }
    const text = outputs.join('\n');
    expect(text).to.include('put aside').and.include('HTTP 500');
    for (const secret of all()) expect(text).not.to.include(secret);
    // They were used.
    expect(server.received[0]?.headers).to.include({ authorization: SECRETS.HEADER, 'x-key': 'secret-in-a-file-5' });
  });

  it('are not printed by check --print', async () => {
    const { stdout, code } = await place.start(['check', path, '--print'], SECRETS).ended;
    expect(code).to.equal(0);
    expect(stdout).to.include('client_secret: "***"').and.include('user:***@127.0.0.1');
    for (const secret of all()) expect(stdout).not.to.include(secret);
  });

  it('are in no message about what is wrong with the configuration', async () => {
    const { stderr, code } = await place.start(['run', path], {
      ...SECRETS,
      RXFORCE_HTTP__PORT: 'x',
      RXFORCE_INSECURE: 'yes',
    }).ended;
    expect(code).to.equal(2);
    for (const secret of all()) expect(stderr).not.to.include(secret);
  });
});
