import { join } from 'node:path';
import { deadLetterOf, fileDeadLetterQueue } from '@rxforce/dead-letters';
import { expect } from 'chai';
import { changeOf } from '../support/sink-contract.js';
import { silence, WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

/** The environment of a command whose login waits for its answer without end, and not for 30 s. */
const ENDLESS_LOGIN = {
  NODE_OPTIONS: '--import=data:text/javascript,AbortSignal.timeout=()=>new(AbortController)().signal',
};
const CONFIG = 'salesforce: {}\ntopics: [Account]\nprocessing: { replay_from: earliest }\n';

describe('The end of rxforce run', function () {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  it('is 2, when the configuration is wrong, with every problem in a line of its own', async () => {
    const path = place.file('config.yaml', 'salesforce: { usr: a }\ntopics: []\n');
    const { code, stdout, stderr } = await place.start(['run', path]).ended;
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr.split('\n')).to.have.length(3);
    expect(stderr).to.include(`${path}:1:15 salesforce.usr: there is no such setting`);
  });

  it('is 2, when there is no configuration, or no such option', async () => {
    expect((await place.start(['run']).ended).stderr).to.include('rxforce init');
    expect(await place.start(['run', '--nonsense']).ended).to.include({ code: 2 });
  });

  it('is 2 and names the setting, when there is no such key', async () => {
    const path = place.file('config.yaml', CONFIG);
    const { code, stderr } = await place.start(['run', path], { RXFORCE_PRIVATE_KEY_FILE: '/no/key.pem' }).ended;
    expect(code).to.equal(2);
    expect(stderr)
      .to.include('Check private_key_path.')
      .and.not.match(/privateKeyPath/);
    const { stdout } = await place.here(['check', path, '--connect'], { RXFORCE_PRIVATE_KEY_FILE: '/no/key.pem' });
    expect(stdout)
      .to.include('Check private_key_path.')
      .and.not.match(/privateKeyPath/);
  });

  it('is 3, when the login is refused', async () => {
    const path = place.file('config.yaml', CONFIG);
    const { code, stderr } = await place.start(['run', path], { RXFORCE_CLIENT_ID: 'another-app' }).ended;
    expect(code).to.equal(3);
    expect(stderr).to.match(/ ERROR .+ has ended: .+/m);
  });

  it('is 1, when a module waits for what nobody resolves, and nothing else keeps the process', async () => {
    place.file('sink.mjs', 'export default () => new Promise(() => undefined);');
    const path = place.file('config.yaml', `${CONFIG}sinks: { mine: { type: module, path: ./sink.mjs } }\n`);
    const { code, stderr } = await place.start(['run', path]).ended;
    expect(code, stderr).to.equal(1);
    expect(stderr).to.include('waits for a promise that nobody resolves');
  });

  it('is that of a module that ends the process, and nothing else is said of it', async () => {
    place.file('sink.mjs', 'export default () => process.exit(7);');
    const path = place.file('config.yaml', `${CONFIG}sinks: { mine: { type: module, path: ./sink.mjs } }\n`);
    const { code, stderr } = await place.start(['run', path]).ended;
    expect(code, stderr).to.equal(7);
    expect(stderr).not.to.include('nobody resolves');
  });

  it('is that of what went wrong, when closing fails after it, and both are told', async () => {
    place.file(
      'sink.mjs',
      "export default () => ({ write: () => Promise.resolve(), close: () => Promise.reject(new Error('it stays open')) });",
    );
    const path = place.file('config.yaml', `${CONFIG}sinks: { mine: { type: module, path: ./sink.mjs } }\n`);
    const { code, stderr } = await place.start(['run', path], { RXFORCE_CLIENT_ID: 'another-app' }).ended;
    expect(code, stderr).to.equal(3);
    expect(stderr)
      .to.match(/^while closing: error: .*it stays open/m)
      .and.match(/ERROR .+has ended: .+/m);
    // What ended the run is said last.
    const [, why = ''] = / has ended: (.+)$/m.exec(stderr) ?? [];
    expect(stderr.trim().split('\n').at(-1)).to.equal(`error: ${why}`);
  });

  it('is 1, when a topic does not exist, and says last which one is meant', async () => {
    const path = place.file('config.yaml', CONFIG.replace('[Account]', '[Contact, Acount]'));
    const { code, stderr } = await place.start(['run', path]).ended;
    expect(code).to.equal(1);
    // Only where other lines follow the one that says why, it is said once more.
    const lines = stderr.trim().split('\n');
    const reasons = lines.filter((line) => line.includes('org has no topic'));
    expect(lines.at(-1), stderr).to.equal(reasons.at(-1));
    const [again] = reasons.slice(1);
    if (again !== undefined) expect(again).to.match(/^error: /);
    expect(reasons).to.have.length.at.most(2);
    expect(stderr).to.match(
      /^\S+ ERROR +\/data\/AcountChangeEvent \(default\) has ended: The org has no topic \/data\/AcountChangeEvent\. Did you mean \/data\/AccountChangeEvent\?/m,
    );
  });

  it('is 1, when a topic does not exist, and standard error says why where the log is a file', async () => {
    const path = place.file('config.yaml', `${CONFIG.replace('Account', 'Nothing')}logging: { file: run.log }\n`);
    const { code, stderr } = await place.start(['run', path]).ended;
    expect([code, stderr], stderr).to.have.property('0', 1);
    expect(stderr).to.match(/^error: There is no topic \/data\/NothingChangeEvent/m);
  });

  it('is 1, when the position is lost, and it says how to go on in words of the file', async () => {
    const path = place.file('config.yaml', CONFIG);
    const set = ['positions', 'set', '--topic', 'Account', '--to', 'AAAAAAAAAAAA', '-c', path];
    expect(await place.start(set).ended).to.include({ code: 0 });
    const { code, stderr } = await place.start(['run', path]).ended;
    expect(code, stderr).to.equal(1);
    expect(stderr)
      .to.match(/ERROR .*Set on_lost_position of the topic to earliest/m)
      .and.include('rxforce positions set --topic /data/AccountChangeEvent --to earliest.')
      .and.not.include("'earliest'");
  });

  it('is 1, when another process has the position', async () => {
    const path = place.file('config.yaml', CONFIG);
    const first = place.start(['run', path]);
    await first.until(({ stderr }) => stderr.includes('live') || stderr.includes('logged in'));
    place.emulator.org.create('Account', { Name: 'a' });
    await first.until(({ events }) => events.length === 1);
    const { code, stderr } = await place.start(['run', path]).ended;
    expect(code).to.equal(1);
    expect(stderr).to.match(/position "default" of \/data\/AccountChangeEvent/);
  });

  it('is 2, when a time has no unit', async () => {
    for (const given of ['5', '0', 'soon', '5 s']) {
      const { code, stderr } = await place.here(['run', '--drain-timeout', given]);
      expect({ code }, stderr).to.deep.equal({ code: 2 });
      expect(stderr).to.include('Give a time with its unit, such as 500ms, 20s or 2m.');
    }
  });

  for (const [where, sinks] of [
    ['the topics are read', ''],
    // A table asks the org for the fields of its object before anything is read.
    ['it looks at its sinks', 'sinks: { tables: { type: sqlite, url: records.db } }\n'],
  ] as const) {
    it(`is 0, when a signal comes while it logs in, as ${where}`, async () => {
      const silent = await WebhookServer.start(silence, silence, silence);
      const path = place.file('config.yaml', `${CONFIG}${sinks}`);
      const environment = { ...ENDLESS_LOGIN, RXFORCE_LOGIN_URL: silent.url };
      const command = place.start(['run', path, '--drain-timeout', '10m'], environment);
      await silent.until(1);
      const { code, stderr } = await command.kill('SIGTERM');
      expect(code, stderr).to.equal(0);
      expect(stderr).to.include('has ended').and.not.include('error');
      await silent.stop();
    });
  }

  it('is 1, when a topic does not exist, also while another org is logged in to', async () => {
    const silent = await WebhookServer.start(silence, silence, silence);
    const { credentials, httpUrl } = place.emulator;
    const org = (url: string) =>
      `{ login: client_credentials, login_url: "${url}", client_id: "${credentials.clientId}", client_secret: a }`;
    const text = `orgs: { here: ${org(httpUrl).replace(': a }', `: "${credentials.clientSecret}" }`)}, away: ${org(silent.url)} }
topics: [{ topic: Nothing, org: here }, { topic: Account, org: away }]
`;
    const noOrg = { RXFORCE_LOGIN_URL: '', RXFORCE_CLIENT_ID: '', RXFORCE_USERNAME: '', RXFORCE_PRIVATE_KEY_FILE: '' };
    const path = place.file('config.yaml', text);
    const { code, stderr } = await place.start(['run', path], { ...noOrg, ...ENDLESS_LOGIN }).ended;
    expect(code, stderr).to.equal(1);
    expect(stderr).to.include('/data/NothingChangeEvent (default) has ended');
    await silent.stop();
  });

  it('is 1, when a sink does not close, and says which one', async () => {
    const sink = `export default () => ({
      write: () => Promise.resolve(),
      close: () => new Promise((resolve) => setInterval(() => undefined, 1000)),
    });`;
    place.file('sink.mjs', sink);
    const path = place.file('config.yaml', `${CONFIG}sinks: { mine: { type: module, path: ./sink.mjs } }\n`);
    const command = place.start(['run', path]);
    await command.until(({ stderr }) => stderr.includes('logged in'));
    const { code, stderr } = await command.kill('SIGTERM');
    expect(code, stderr).to.equal(1);
    expect(stderr).to.match(/^error: The sink mine did not close within 10 s, and was left\.$/m);
  });

  it('is 4 of check and 1 of dlq redrive, when a sink does not close, and says which one', async () => {
    const sink = 'export default () => ({ write: async () => undefined, close: () => new Promise(() => undefined) });';
    place.file('sink.mjs', sink);
    const path = place.file('config.yaml', `${CONFIG}sinks: { mine: { type: module, path: ./sink.mjs } }\n`);
    const letters = fileDeadLetterQueue(join(place.folder, 'failed_events', 'AccountChangeEvent'));
    await letters.put([deadLetterOf(changeOf('a'), new Error('broken'))]);
    const [check, redrive] = await Promise.all([
      place.start(['check', path, '--connect']).ended,
      place.start(['dlq', 'redrive', '-c', path]).ended,
    ]);
    const says = 'The sink mine did not close within 10 s, and was left.';
    expect(check.stdout).to.match(/^✗ +sink mine +The sink mine did not close within 10 s, and was left\.$/m);
    expect(redrive.stderr).to.include(`AccountChangeEvent: error: ${says}`).and.include('1 letter was written');
    expect([check.code, redrive.code]).to.deep.equal([4, 1]);
  });

  it('is 0, when a signal comes before its sink is open, and nothing is read after it', async () => {
    const sink = `import { existsSync } from 'node:fs';
      import { setTimeout as wait } from 'node:timers/promises';
      export default async () => {
        console.error('opens');
        while (!existsSync('go')) await wait(5);
        return { write: () => console.log('written'), close: () => console.error('closed') };
      };`;
    place.file('sink.mjs', sink);
    const path = place.file('config.yaml', `${CONFIG}sinks: { mine: { type: module, path: ./sink.mjs } }\n`);
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path]);
    await command.until(({ stderr }) => stderr.includes('opens'));
    command.signal('SIGTERM');
    await command.until(({ stderr }) => stderr.includes('ends: waits'));
    place.file('go', '');
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stdout }, stderr).to.deep.equal({ code: 0, stdout: '' });
    expect(stderr).to.include('closed').and.not.include('rxforce reads');
  });

  it('is 130, when a second signal comes while it waits for work', async () => {
    const server = await WebhookServer.start(silence);
    const path = place.file('config.yaml', `${CONFIG}sinks: { hook: { type: webhook, url: "${server.url}" } }\n`);
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path]);
    await server.until(1);
    command.signal('SIGTERM');
    await command.until(({ stderr }) => stderr.includes('ends: waits for the work under way'));
    expect((await command.kill('SIGTERM')).code).to.equal(130);
    await server.stop();
  });

  it('is 1, when work is left after the longest wait', async () => {
    const server = await WebhookServer.start(silence);
    const path = place.file('config.yaml', `${CONFIG}sinks: { hook: { type: webhook, url: "${server.url}" } }\n`);
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path, '--drain-timeout', '100ms']);
    await server.until(1);
    const { code, stderr } = await command.kill('SIGTERM');
    expect(code).to.equal(1);
    expect(stderr).to.include('1 event was not done');
    await server.stop();
  });
});
