import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager, type StoredMsg, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { expect } from 'chai';
import { startNats, until, type NatsServer } from '../../../jetstream/test/support/nats-server.js';
import { natsSink } from '../../src/sinks/nats-sink.js';
import { SinkError } from '../../src/sinks/sink.js';
import { changeOf } from '../support/sink-contract.js';
import { Workplace } from '../support/workplace.js';

const PASSWORD = 'secret-of-nats-1';
const SUBJECT = 'salesforce.accounts';

interface CloudEvent {
  readonly data: { readonly data: { readonly Name: string } };
}

describe('The sink nats', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let place: Workplace;

  beforeEach(async () => {
    const config = [
      `authorization { users: [
        { user: rxforce, password: ${PASSWORD} },
        { user: reader, password: ${PASSWORD}, permissions: { publish: "$JS.API.STREAM.>" } }
      ] }`,
    ];
    server = await startNats({ config, login: { user: 'rxforce', pass: PASSWORD } });
    nats = await server.connect();
    place = await Workplace.open();
  });
  afterEach(async () => {
    await place.close();
    await nats.close();
    await server.stop();
  });

  const addStream = async (options: Partial<StreamConfig> = {}) =>
    (await jetstreamManager(nats)).streams.add({ name: 'CRM', subjects: ['salesforce.>'], ...options });
  const config = (more = '', user = 'rxforce') =>
    place.file(
      'config.yaml',
      `
salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 0, retry_delay_seconds: 0 }
sinks:
  bus: { type: nats, url: "nats://${user}:\${NATS_PASSWORD}@127.0.0.1:${server.port}", subject: ${SUBJECT}${more} }
`,
    );
  const run = (more?: string, user?: string) =>
    place.start(['run', config(more, user), '--debug'], { NATS_PASSWORD: PASSWORD });
  /** All messages that the stream has. */
  const messages = async (): Promise<readonly StoredMsg[]> => {
    const { streams } = await jetstreamManager(nats);
    const { first_seq: first, last_seq: last } = (await streams.info('CRM')).state;
    const found: StoredMsg[] = [];
    for (let seq = Math.max(first, 1); seq <= last; seq++) found.push((await streams.getMessage('CRM', { seq }))!);
    return found;
  };
  const untilThere = (count: number) => until(async () => (await messages()).length >= count);

  it('publishes an event with its id and the id of its record', async () => {
    await addStream();
    const recordId = place.emulator.org.create('Account', { Name: 'a' });
    const command = run();
    await untilThere(1);
    expect((await command.kill()).code).to.equal(0);
    const [{ subject, header, data }] = (await messages()) as [StoredMsg];
    const id = place.emulator.log('/data/AccountChangeEvent')[0]?.id;
    expect(subject).to.equal(SUBJECT);
    expect(Object.fromEntries([...header].map(([name, values]) => [name, values[0]]))).to.deep.equal({
      ...{ 'Nats-Msg-Id': id, 'rxforce-key': recordId, 'rxforce-topic': '/data/AccountChangeEvent' },
      'content-type': 'application/json',
    });
    const body: unknown = JSON.parse(Buffer.from(data).toString());
    expect(body).to.have.keys('id', 'topic', 'replayId', 'header', 'data');
    expect(body).to.have.property('id', id);
  });

  it('publishes CloudEvents, in the order of a batch, and only to the stream that it is told', async () => {
    await addStream();
    const { org } = place.emulator;
    const id = org.create('Account', { Name: 'a' });
    for (const name of ['b', 'c', 'd']) org.update('Account', id, { Name: name });
    const command = run(', format: cloudevents, stream: CRM, batch: { size: 4, wait_ms: 60000 }');
    await untilThere(4);
    await command.kill();
    const found = await messages();
    const events = found.map(({ data }) => JSON.parse(Buffer.from(data).toString()) as CloudEvent);
    expect(events.map(({ data }) => data.data.Name)).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(events[0]).to.include({ specversion: '1.0', subject: id, source: place.emulator.credentials.instanceUrl });
    expect(found.map(({ header }) => header.get('content-type'))).to.deep.equal(
      found.map(() => 'application/cloudevents+json'),
    );
  });

  it('publishes again what failed, and the stream has it once', async () => {
    await addStream();
    await server.kill('SIGSTOP');
    place.emulator.org.create('Account', { Name: 'a' });
    const command = run(', timeout_ms: 700');
    await command.until(({ stderr }) => stderr.includes('waits until the sink'));
    await server.kill('SIGCONT');
    await command.until(({ stderr }) => stderr.includes(': committed'));
    const { stderr } = await command.kill();
    expect(stderr).not.to.include(PASSWORD);
    expect(await messages()).to.have.length(1);
  });

  it('publishes nothing that nobody waits for any more, once there is a connection', async () => {
    await addStream();
    await server.kill('SIGSTOP');
    const url = `nats://rxforce:${PASSWORD}@127.0.0.1:${server.port}`;
    const settings = {
      type: 'nats',
      url,
      subject: SUBJECT,
      format: 'json',
      timeout_ms: 30_000,
      batch: undefined,
    } as const;
    const sink = await natsSink(settings, { source: () => Promise.resolve('') });
    const [gone, live] = [new AbortController(), new AbortController()];
    const given = sink.write([changeOf('a')], { attempt: 1, signal: gone.signal }).catch((thrown: unknown) => thrown);
    const other = sink.write([changeOf('b')], { attempt: 1, signal: live.signal });
    gone.abort();
    await server.kill('SIGCONT');
    await other;
    expect(await given).to.be.instanceOf(SinkError);
    await sink.close?.();
    expect((await messages()).map(({ header }) => header.get('Nats-Msg-Id'))).to.deep.equal(['b']);
  });

  it('goes on, when the server was killed and started', async () => {
    await addStream();
    const { org } = place.emulator;
    org.create('Account', { Name: 'a' });
    const command = run(', timeout_ms: 1000');
    await untilThere(1);
    await server.restart();
    org.create('Account', { Name: 'b' });
    await until(async () => {
      const found = await messages().catch(() => []);
      return found.length >= 2;
    });
    await command.kill();
    expect(await messages()).to.have.length(2);
  });

  const refusals: readonly (readonly [string, RegExp, () => Promise<unknown>, string?])[] = [
    ['the user may not publish', /Permissions Violation/, () => addStream(), 'reader'],
    ['the event is too large for the stream', /message size exceeds/, () => addStream({ max_msg_size: 10 })],
  ];
  for (const [condition, says, prepare, user] of refusals) {
    it(`puts an event aside at once, when ${condition}`, async () => {
      await prepare();
      place.emulator.org.create('Account', { Name: 'a' });
      const command = run('', user);
      await command.until(({ stderr }) => stderr.includes('put aside without a retry: '));
      const { stderr } = await command.kill();
      const folder = join(place.folder, 'failed_events/AccountChangeEvent');
      const letters = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
      expect(letters.join('')).to.match(says).and.not.include(PASSWORD);
      expect(stderr).not.to.include(PASSWORD);
    });
  }

  /** Takes the stream away, and gives the subject to another one. */
  const replaceStream = async (...others: string[]) => {
    const { streams } = await jetstreamManager(nats);
    await streams.delete('CRM');
    for (const name of others) await addStream({ name });
  };
  it('puts an event aside at once, when the stream has become another one', async () => {
    await addStream();
    const command = run(', stream: CRM');
    await command.until(({ stderr }) => stderr.includes('rxforce reads'));
    await replaceStream('OTHER');
    place.emulator.org.create('Account', { Name: 'a' });
    await command.until(({ stderr }) => stderr.includes('put aside '));
    expect((await command.kill()).stderr).to.match(/without a retry.*stream does not match/);
  });

  it('waits, when no stream has the subject any more, until one has it again', async () => {
    await addStream();
    const command = run();
    await command.until(({ stderr }) => stderr.includes('rxforce reads'));
    await replaceStream();
    place.emulator.org.create('Account', { Name: 'a' });
    await command.until(({ stderr }) => stderr.includes('takes events again: No stream of JetStream has'));
    await addStream();
    await command.until(({ stderr }) => stderr.includes('the sink bus takes events again, after '));
    await command.kill();
    expect(await messages()).to.have.length(1);
  });

  it('ends a run before anything is read, when no stream has the subject or another one has', async () => {
    place.emulator.org.create('Account', { Name: 'a' });
    const none = await run().ended;
    expect(none.code).to.equal(2);
    expect(none.stderr)
      .to.include('error: The sink bus cannot be written to: No stream of JetStream has the subject')
      .and.include(`nats stream add SALESFORCE_ACCOUNTS --subjects ${SUBJECT}`)
      .and.not.include('put aside');
    await addStream();
    const other = await run(', stream: OTHER').ended;
    expect(other.stderr).to.include('The sink bus cannot be written to: The stream CRM has the subject');
    expect(await messages()).to.have.length(0);
  });

  describe('is checked', () => {
    const check = (more?: string) => place.here(['check', config(more), '--connect'], { NATS_PASSWORD: PASSWORD });

    it('by looking for the stream, and nothing is published', async () => {
      await addStream();
      for (const more of ['', ', stream: CRM']) expect(await check(more)).to.include({ code: 0 });
      expect(await messages()).to.deep.equal([]);
    });

    it('and what is wrong is said, without the password', async () => {
      const none = await check();
      expect(none.code).not.to.equal(0);
      expect(none.stdout + none.stderr).to.include('No stream of JetStream has the subject');
      await addStream();
      const other = await check(', stream: OTHER');
      expect(other.stdout + other.stderr)
        .to.include('The stream CRM has the subject')
        .and.not.include(PASSWORD);
    });

    it('and the process ends, when there is no stream', async () => {
      const command = place.start(['check', config(), '--connect'], { NATS_PASSWORD: PASSWORD });
      expect(await command.ended).to.include({ code: 4 });
    });

    it('with its settings', async () => {
      for (const [url, subject, says] of [
        ['http://127.0.0.1', SUBJECT, 'must begin with nats:// or tls://'],
        ['nats://127.0.0.1', 'salesforce.*', 'must be a subject without wildcards'],
      ]) {
        const text = `salesforce: {}\ntopics: [Account]\nsinks: { s: { type: nats, url: "${url}", subject: "${subject}" } }`;
        const { code, stdout, stderr } = await place.here(['check', place.file('c.yaml', text), '--connect']);
        expect(code).not.to.equal(0);
        expect(stdout + stderr).to.include(says);
      }
    });
  });
});
