import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { deadLetterOf, fileDeadLetterQueue } from '@rxforce/dead-letters';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { changeOf } from '../support/sink-contract.js';
import { WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

/** The variables of the emulator of the workplace, which would be a `salesforce` beside the orgs. */
const NO_SALESFORCE = Object.fromEntries(
  ['ENDPOINT', 'LOGIN_URL', 'CLIENT_ID', 'USERNAME', 'PRIVATE_KEY_FILE'].map((name) => [`RXFORCE_${name}`, '']),
);

describe('rxforce with several orgs', () => {
  let place: Workplace;
  let other: Emulator;

  beforeEach(async () => {
    place = await Workplace.open();
    other = await startEmulator({ seed: 2, tls: false });
  });
  afterEach(async () => {
    await place.close();
    await other.stop();
  });

  const orgOf = ({ httpUrl, credentials, grpcEndpoint }: Emulator) =>
    `{ login_url: "${httpUrl}", client_id: "${credentials.clientId}", client_secret: "${credentials.clientSecret}", ` +
    `pubsub: { host: localhost, port: ${grpcEndpoint.split(':').at(-1)} } }`;
  const config = () =>
    place.file(
      'config.yaml',
      `orgs:
  emea: ${orgOf(place.emulator)}
  amer: ${orgOf(other)}
topics:
  - { topic: Account, org: emea }
  - { topic: Account, org: amer }
pubsub: { insecure: true }
processing: { replay_from: earliest, replay_storage_path: ${place.folder}/replay, dead_letter_queue_path: ${place.folder}/failed }
http: { port: 0 }
`,
    );
  const here = (...args: readonly string[]) => place.here(args, NO_SALESFORCE);

  it('reads all of them in one process, with a position for each, and drains them together', async () => {
    const path = config();
    place.emulator.org.create('Account', { Name: 'of emea' });
    other.org.create('Account', { Name: 'of amer' });
    const command = place.start(['run', path], NO_SALESFORCE);
    await command.until(({ events }) => events.length === 2);
    const named = command.events.map(({ org, data }) => [org, data.Name]);
    expect(named).to.have.deep.members([
      ['emea', 'of emea'],
      ['amer', 'of amer'],
    ]);
    const [, url = ''] = /probes and metrics are at (http:\S+)/.exec(command.stderr) ?? [];
    expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    expect((await fetch(`${url}/startupz`)).status).to.equal(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const org of ['emea', 'amer']) {
      expect(metrics).to.match(
        new RegExp(`^messaging_client_consumed_messages_total{.*rxforce_org="${org}".*} 1$`, 'm'),
      );
      expect(metrics).to.match(
        new RegExp(`^rxforce_attempts_total{.*rxforce_org="${org}".*rxforce_outcome="ok".*} 1$`, 'm'),
      );
    }
    const { code, stderr } = await command.kill();
    expect(code, stderr).to.equal(0);
    for (const org of ['emea', 'amer']) {
      expect(stderr)
        .to.match(new RegExp(`AccountChangeEvent \\(default\\) goes to stdout org=${org}$`, 'm'))
        .and.match(new RegExp(`logged in.* org=${org}`, 'm'));
    }
    const table = await here('positions', 'list', '-c', path);
    expect(table.stdout)
      .to.match(/default +emea /)
      .and.match(/default +amer /);
    const listed = JSON.parse((await here('positions', 'list', '--json', '-c', path)).stdout) as {
      organizationId: string;
    }[];
    expect(listed.map(({ organizationId }) => organizationId)).to.have.members(
      [place.emulator, other].map(({ credentials }) => credentials.organizationId.slice(0, 15)),
    );
    expect(new Set(listed.map(({ organizationId }) => organizationId)).size).to.equal(2);
  });

  it('is not started, when nobody can log in to one of them', async () => {
    other.faults.refuseLogins(1_000, { status: 503 });
    const command = place.start(['run', config()], NO_SALESFORCE);
    place.emulator.org.create('Account', { Name: 'a' });
    await command.until(({ events }) => events.length === 1);
    const [, url = ''] = /probes and metrics are at (http:\S+)/.exec(command.stderr) ?? [];
    expect((await fetch(`${url}/startupz`)).status).to.equal(503);
    expect((await fetch(`${url}/readyz`)).status).to.equal(503);
  });

  it('is checked org by org, and commands ask for one', async () => {
    const path = config();
    other.faults.refuseLogins(10, { error: 'invalid_client_id', description: 'client identifier invalid' });
    const { code, stdout } = await here('check', path, '--connect');
    expect(code).to.equal(4);
    expect(stdout)
      .to.match(/^✓ +login client_credentials of emea/m)
      .and.match(/^✓ +topic emea.AccountChangeEvent/m);
    expect(stdout).to.match(/^✗ +login client_credentials of amer/m);
    const topics = await here('topics', 'account', '-c', path, '--org', 'emea', '--json');
    expect(JSON.parse(topics.stdout)).to.have.nested.property('[0].topic', '/data/AccountChangeEvent');
    const none = await here('topics', '-c', path);
    expect(none).to.include({ code: 2 });
    expect(none.stderr).to.include('--org: emea, amer');
    expect((await here('topics', '-c', path, '--org', 'emae')).stderr).to.include('Did you mean emea?');
  });

  it('is checked with a sink for each, where a sink has to do with an org', async () => {
    const hook = await WebhookServer.start();
    const text = `${readFileSync(config(), 'utf8')}sinks: { hook: { type: webhook, url: "${hook.url}" } }\n`;
    const { code, stdout } = await here('check', place.file('hook.yaml', text), '--connect');
    expect(code, stdout).to.equal(0);
    expect(stdout.match(/sink hook of \w+/g)).to.deep.equal(['sink hook of emea', 'sink hook of amer']);
    await hook.stop();
  });

  describe('of which --org names one', () => {
    const queueOf = (org: string) => fileDeadLetterQueue(join(place.folder, 'failed', `${org}.AccountChangeEvent`));
    const depths = () => Promise.all(['emea', 'amer'].map((org) => queueOf(org).depth()));
    const idOf = ({ credentials }: Emulator) => credentials.organizationId.slice(0, 15);
    const listed = async (path: string, ...args: readonly string[]) => {
      const { stdout } = await here('positions', 'list', '--json', '-c', path, ...args);
      const found = JSON.parse(stdout) as { organizationId: string; position: string }[];
      return Object.fromEntries(found.map(({ organizationId, position }) => [organizationId, position]));
    };

    it('redrives and discards only the letters of that org', async () => {
      const path = config();
      for (const org of ['emea', 'amer']) {
        await queueOf(org).put([deadLetterOf(changeOf(org), new Error('broken'))]);
      }
      const amer = ['-c', path, '--org', 'amer'];
      const redriven = await here('dlq', 'redrive', ...amer);
      expect(redriven.stderr).to.include('1 letter was written');
      expect(JSON.parse(redriven.stdout)).to.include({ org: 'amer' });
      expect(await depths()).to.deep.equal([1, 0]);
      expect((await here('dlq', 'discard', '--all', ...amer)).stderr).to.include('0 letters were discarded');
      expect(await depths()).to.deep.equal([1, 0]);
      expect((await here('dlq', 'list', '-c', path, '--org', 'amre')).stderr).to.include('Did you mean amer?');
      expect((await here('dlq', 'list', ...amer, '--topic', 'Lead')).stderr).to.include('of the org amer is this one');
    });

    it('sets and deletes only the position of that org, and none when several have the topic', async () => {
      const path = config();
      const account = ['--topic', 'Account', '-c', path];
      const set = ['positions', 'set', '--to', 'earliest', ...account];
      await here(...set, '--org', 'emea');
      expect(Object.keys(await listed(path))).to.deep.equal([idOf(place.emulator)]);
      for (const refused of [set, ['positions', 'delete', ...account], ['positions', 'delete', '-c', path]]) {
        const { code, stderr } = await here(...refused);
        expect({ code, stderr }, stderr).to.deep.include({ code: 2 });
        expect(stderr).to.include('Name one with --org: emea, amer.');
      }
      await here('positions', 'set', '--to', '2026-01-31T12:00:00Z', ...account, '--org', 'amer');
      const earliest = 'earliest';
      const later = '2026-01-31T12:00:00.000Z';
      expect(await listed(path)).to.deep.equal({ [idOf(place.emulator)]: earliest, [idOf(other)]: later });
      expect(await listed(path, '--org', 'amer')).to.deep.equal({ [idOf(other)]: later });
      await here('positions', 'delete', ...account, '--org', 'amer');
      expect(await listed(path)).to.deep.equal({ [idOf(place.emulator)]: earliest });
      expect((await here('positions', 'delete', ...account, '--org', 'amer')).stderr).to.include('no position');
    });

    it('reads records again only there, when several orgs have the topic', async () => {
      const text = readFileSync(config(), 'utf8').replaceAll('topic: Account,', 'topic: Account, snapshot: true,');
      const again = ['snapshot', 'Account', '--again', 'default', '-c', place.file('again.yaml', text)];
      const refused = await here(...again);
      expect(refused.code).to.equal(2);
      expect(refused.stderr).to.include('Name one with --org: emea, amer.');
      other.faults.refuseLogins(1_000, { error: 'invalid_client_id', description: 'client identifier invalid' });
      const { code, stderr } = await here(...again, '--org', 'emea');
      expect(code, stderr).to.equal(0);
    });

    it('runs and checks only the topics of that org', async () => {
      const path = config();
      other.faults.refuseLogins(1_000, { error: 'invalid_client_id', description: 'client identifier invalid' });
      const { code, stdout } = await here('check', path, '--connect', '--org', 'emea');
      expect(code, stdout).to.equal(0);
      expect((await here('check', path, '--org', 'emea')).stdout).to.include('is right: 1 topic');
      place.emulator.org.create('Account', { Name: 'of emea' });
      const command = place.start(['run', path, '--org', 'emea'], NO_SALESFORCE);
      await command.until(({ events }) => events.length === 1);
      expect((await command.kill()).stderr).to.include('reads 1 topic');
      expect((await here('run', path, '--org', 'emae')).stderr).to.include('Did you mean emea?');
    });
  });
});
