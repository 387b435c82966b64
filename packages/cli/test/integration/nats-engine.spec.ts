import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect } from 'chai';
import { startNats, type NatsServer } from '../../../jetstream/test/support/nats-server.js';
import { natsCredentials } from '../support/nats-credentials.js';
import { status, WebhookServer } from '../support/webhook-server.js';
import type { RunningCommand } from '../support/rxforce.js';
import { Workplace } from '../support/workplace.js';

describe('rxforce with nats, which has no dead letters,', () => {
  let nats: NatsServer;
  let place: Workplace;

  beforeEach(async () => {
    nats = await startNats();
    place = await Workplace.open();
  });
  afterEach(async () => {
    await place.close();
    await nats.stop();
  });

  const config = (settings = '', more = '') =>
    place.file(
      'config.yaml',
      `salesforce: {}
topics: [Account]
processing: { replay_from: earliest, dead_letter_queue_path: ${place.folder}/dead }
nats: { url: "${nats.url}"${settings} }
${more}`,
    );

  it('puts letters into files, which dlq redrives', async () => {
    const server = await WebhookServer.start(status(422));
    try {
      const path = config('', `sinks: { hook: { type: webhook, url: "${server.url}" } }`);
      place.emulator.org.create('Account', { Name: 'a' });
      const command = place.start(['run', path]);
      await command.until(({ stderr }) => stderr.includes('put aside without a retry'));
      await command.kill();
      expect(command.stderr).to.include(`dead letters are files, also with NATS JetStream: ${place.folder}/dead`);
      expect(readdirSync(join(place.folder, 'dead/AccountChangeEvent'))).to.have.length(1);
      const { stderr } = await place.here(['dlq', 'redrive', '-c', path]);
      expect(stderr).to.include('1 letter was written, 0 failed again.');
    } finally {
      await server.stop();
    }
  });

  it('and says so in check, and in check --connect', async () => {
    const path = config(', lease: true');
    const { stdout } = await place.here(['check', path]);
    expect(stdout).to.equal(
      `${path} is right: 1 topic, 0 sinks. Dead letters are files, also with nats: ${place.folder}/dead.\n`,
    );
    expect((await place.here(['check', path, '--connect'])).stdout).to.match(
      /^✓ +storage +NATS JetStream; dead letters are files$/m,
    );
  });

  it('is tried by check --connect, which makes nothing', async () => {
    const path = config(', lease: true, log: { name: crm }');
    const check = async () => {
      const { code, stdout } = await place.here(['check', path, '--connect']);
      expect(code, stdout).to.equal(0);
      return stdout;
    };
    expect(await check())
      .to.match(/^✓ +positions +nothing is there yet; the first run makes it$/m)
      .and.match(/^✓ +lease +nothing is there yet; the first run makes it$/m)
      .and.match(/^✓ +log crm +is made by the first reader$/m);
    expect(await streams()).to.deep.equal([]);
    place.emulator.org.create('Account', { Name: 'a' });
    const reader = place.start(['run', path, '--role', 'reader', '--debug']);
    await reader.until(({ stderr }) => stderr.includes(': committed'));
    await reader.kill();
    const made = await streams();
    expect(await check())
      .to.match(/^✓ +positions +can be written and read$/m)
      .and.match(/^✓ +lease +can be held$/m)
      .and.match(/^✓ +log crm +32 partitions$/m);
    expect(await streams()).to.deep.equal(made);
  });

  /** The names of all streams that there are, buckets among them. */
  async function streams(): Promise<readonly string[]> {
    const connection = await nats.connect();
    const names: string[] = [];
    for await (const name of (await jetstreamManager(connection)).streams.names()) names.push(name);
    await connection.close();
    return names.sort();
  }

  it('ends with 2, when its credentials are missing or are none', async () => {
    const none = await place.here(['run', config(', credentials_path: /not/there.creds')]);
    expect(none).to.deep.include({
      code: 2,
      stderr: 'error: nats.credentials_path /not/there.creds cannot be used (ENOENT).\n',
    });
    const other = place.file('a.creds', 'no-such-secret');
    const wrong = await place.here(['run', config(`, credentials_path: ${other}`)]);
    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.include('it has no credentials of a user').and.not.include('no-such-secret');
  });

  it('logs in with the credentials of a file, which no line has', async () => {
    await nats.stop();
    const { config: lines, creds } = natsCredentials();
    nats = await startNats({ config: lines });
    const refused = await place.here(['positions', 'list', '-c', config()]);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.match(/Authorization Violation.*Connect with the credentials/);
    const path = config(`, lease: true, credentials_path: ${place.file('user.creds', creds)}`);
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path, '--debug']);
    await command.until(({ events, stderr }) => events.length === 1 && stderr.includes(': committed'));
    expect((await command.kill()).code, command.stderr).to.equal(0);
    const [, seed = ''] = /SEED-----\n(\w+)/.exec(creds) ?? [];
    expect(seed).to.match(/^SU/);
    expect(command.stderr).not.to.include(seed);
  });

  it('waits while its login is refused, and goes on once that is taken again', async () => {
    await nats.stop();
    const users = (password: string) => `authorization { users: [{ user: rxforce, password: ${password} }] }`;
    nats = await startNats({ config: [users('first-password')] });
    const path = config(', lease: true', 'http: { port: 0 }');
    const url = nats.url.replace('//', '//rxforce:first-password@');
    const command = place.start(['run', path, '--debug'], { RXFORCE_NATS__URL: url });
    place.emulator.org.create('Account', { Name: 'a' });
    await command.until(({ stderr }) => stderr.includes(': committed'));
    const file = join(nats.folder, 'nats.conf');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('first-password', 'other-password'));
    await nats.restart();
    const refused = 'refuses the login, which is tried again: ';
    await command.until(({ stderr }) => stderr.split(refused).length > 3);
    writeFileSync(file, text);
    await nats.restart();
    const before = command.stderr.length;
    place.emulator.org.create('Account', { Name: 'b' });
    // It may come twice, as the lease may have been lost meanwhile.
    const isThere = ({ events }: RunningCommand) => events.some(({ data }) => data.Name === 'b');
    await command.until((running) => isThere(running) && running.stderr.slice(before).includes(': committed'));
    const { code, stderr } = await command.kill();
    expect(code).to.equal(0);
    expect(stderr)
      .to.match(/warn.*refuses the login/i)
      .and.not.include('first-password');
  });

  it('ends with 1, when two processes without a lease have one position', async () => {
    const path = config('', 'http: { port: 0 }');
    const first = place.start(['run', path]);
    const second = place.start(['run', path]);
    await Promise.all([first, second].map((each) => each.until(({ stderr }) => stderr.includes('rxforce reads'))));
    let made = 0;
    const timer = setInterval(() => place.emulator.org.create('Account', { Name: `a${(made += 1)}` }), 100);
    const { code, stderr } = await Promise.race([first.ended, second.ended]);
    clearInterval(timer);
    expect(code).to.equal(1);
    expect(stderr).to.match(/give each consumer a name of its own, or set nats\.lease: true/);
  });
});
