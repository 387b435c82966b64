import { inspect } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { EventLog } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import { jetStreamLease, jetStreamLog, jetStreamMembership, jetStreamReplayStore } from '@rxforce/jetstream';
import { expect } from 'chai';
import { BehaviorSubject, firstValueFrom } from 'rxjs';
import { startNats, type NatsServer, type NatsServerOptions } from '../support/nats-server.js';
import { entriesOf, startReading, TOPIC } from '../support/entries.js';
import { frontConnection } from '../support/odd-connection.js';
import { expectError, expectRejection, idOf, KEY, rejection } from '../support/positions.js';
import { until } from '../support/nats-server.js';

const SECRET = 'correct-horse';
const login = { user: 'rxforce', pass: SECRET };
const quiet = { warn: () => undefined };

/** The configuration of a user who may do this. */
const allowed = (publish: readonly string[], subscribe: readonly string[]) => [
  `authorization { users: [{ user: rxforce, password: ${SECRET}, permissions: {
    publish: ${JSON.stringify(publish)}, subscribe: ${JSON.stringify(subscribe)} } }] }`,
];

/** What the README says that a user needs. */
const PUBLISH = ['$JS.API.>', '$KV.rxforce-logs.>', '$KV.rxforce-leases.>', '$KV.rxforce-positions.>'].concat([
  '$KV.rxforce-members.>',
  'rxforce.>',
]);

describe('failures of JetStream', function () {
  let server: NatsServer;
  let nats: NatsConnection;

  const start = async (options: NatsServerOptions) => {
    server = await startNats(options);
    nats = await server.connect();
  };
  afterEach(async () => {
    await nats.close();
    await server.stop();
  });

  const options = { timeoutMs: 500 };
  /** Of calls that are answered, as those that make streams. */
  const patient = { timeoutMs: 10_000 };
  const log = (given = options): EventLog =>
    jetStreamLog(nats, { name: 'crm', partitions: 2, keepaliveMs: 50, ...given });
  const beginning = { topic: TOPIC, partition: 0, from: 'earliest' } as const;
  /** All calls, and the code of the error that each has. */
  const calls = (given = options): readonly (readonly [string, () => Promise<unknown>])[] => [
    ['event-log', () => log(given).open()],
    ['event-log', () => log(given).putSchema('a', '{}')],
    ['event-log', () => log(given).append(TOPIC, entriesOf(1, 1))],
    ['event-log', () => firstValueFrom(log(given).read(beginning, firstDemand()))],
    ['lease', () => jetStreamLease(nats, given).acquire(KEY)],
    ['replay-store', () => jetStreamReplayStore(nats, given).load(KEY)],
    ['replay-store', () => jetStreamReplayStore(nats, given).save(KEY, idOf(1))],
    ['replay-store', async () => jetStreamReplayStore(nats, given).list?.()],
    ['event-log', () => firstValueFrom(jetStreamMembership(nats, { ...given, logger: quiet }).join('g', 'm'))],
  ];

  it('say that JetStream is not enabled, and how to enable it', async () => {
    await start({ jetstream: false });
    for (const [code, call] of calls()) {
      await expectRejection(call(), { code, retriable: false, says: /not enabled on this server.*"-js"/ });
    }
  });

  it('may pass, when JetStream has answered before through a server without it', async () => {
    await start({});
    const front = jetStreamLog(frontConnection(nats), { name: 'crm', partitions: 2, ...patient });
    await front.append(TOPIC, entriesOf(1, 1));
    const { streams } = await jetstreamManager(nats);
    await streams.delete('rxforce+crm+=2Fdata=2FAccountChangeEvent');
    const appended = front.append(TOPIC, entriesOf(2, 2));
    await expectRejection(appended, { code: 'event-log', retriable: true, says: /Nobody has answered/ });
  });

  it('say that it is not enabled for the account', async () => {
    const config = [`accounts: { A: { users: [{ user: rxforce, password: ${SECRET} }] } }`];
    await start({ config, login });
    for (const [code, call] of calls()) {
      await expectRejection(call(), { code, retriable: false, says: /not enabled for account.*jetstream: enabled/ });
    }
  });

  it('say that nobody answers in a domain', async () => {
    await start({});
    const there = { ...options, domain: 'hub' };
    await expectRejection(jetStreamReplayStore(nats, there).load(KEY), {
      ...{ code: 'replay-store', retriable: true, says: /Nobody has answered in the domain "hub"/ },
    });
  });

  it('say which subject a user may not publish to', async () => {
    await start({ login, config: allowed(['$JS.API.STREAM.INFO.>'], ['_INBOX.>']) });
    for (const [code, call] of calls()) {
      await expectRejection(call(), {
        code,
        retriable: false,
        says: /Permissions Violation.*Let this NATS user publish/,
      });
    }
  });

  it('say that a user may not have the answers', async () => {
    await start({ login, config: allowed(['>'], ['other.>']) });
    for (const [code, call] of calls()) {
      const error = await rejection(call());
      expect(error).to.have.property('code', code);
      expect((error as Error).message).to.match(/inbox/);
    }
  });

  for (const inboxPrefix of ['_INBOX', '_mine']) {
    it(`are none for a user who has what the README says, with the inboxes ${inboxPrefix}`, async () => {
      server = await startNats({ login, config: allowed(PUBLISH, [`${inboxPrefix}.>`]) });
      nats = await server.connect({ inboxPrefix });
      for (const [, call] of calls(patient)) await call();
      await log(patient).append(TOPIC, entriesOf(2, 2), 1);
      const reading = startReading(log(patient));
      await until(() => reading.entries.length === 2);
      reading.subscription.unsubscribe();
    });
  }

  it('say that the cluster is none, when replicas are wanted', async () => {
    await start({});
    const says = /Leave `replicas` out|leave `replicas` out/;
    await expectRejection(jetStreamReplayStore(nats, { ...options, replicas: 3 }).load(KEY), {
      ...{ code: 'replay-store', retriable: false, says },
    });
    const replicated = jetStreamLog(nats, { name: 'crm', replicas: 3, ...options });
    await expectRejection(replicated.open(), { code: 'event-log', retriable: false, says });
  });

  it('say that the connection is closed, and how it stays open', async () => {
    await start({});
    await nats.close();
    for (const [code, call] of calls()) {
      await expectRejection(call(), { code, retriable: false, says: /maxReconnectAttempts: -1/ });
    }
  });

  it('may pass, when the server is away', async () => {
    await start({});
    await server.kill();
    for (const [code, call] of calls().slice(0, -1)) {
      await expectRejection(call(), { code, retriable: true, says: /No answer came within 500 ms/ });
    }
    await server.start();
    await until(() =>
      log()
        .open()
        .then(
          () => true,
          () => false,
        ),
    );
  });

  it('of a function that connects are those of calls, which connect again; none does, once it says that it is in vain', async () => {
    await start({});
    const answers: (() => Promise<NatsConnection>)[] = [
      () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:4222')),
      () => new Promise(() => undefined),
      () => Promise.resolve(nats),
    ];
    let connects = 0;
    const store = jetStreamReplayStore(() => answers[connects++]!(), { timeoutMs: 2_000 });
    expect(connects).to.equal(0);
    const code = 'replay-store';
    await expectRejection(store.load(KEY), { code, retriable: true, says: /ECONNREFUSED.*It is tried again/ });
    await expectRejection(store.load(KEY), { code, retriable: true, says: /No answer came within 2000 ms/ });
    await store.save(KEY, idOf(1));
    expect(await store.load(KEY)).to.deep.equal(idOf(1));
    expect(connects).to.equal(3);
    const vain = jetStreamReplayStore(() => Promise.reject(new ConfigurationError('No such file.')), options);
    await expectRejection(vain.load(KEY), { code, retriable: false, says: /No such file/ });
    const odd = jetStreamReplayStore(() => Promise.resolve({} as NatsConnection), options);
    await expectRejection(odd.load(KEY), { code, retriable: false, says: /must be what connect\(\)/ });
  });

  it('have no credentials, and neither has what was made', async () => {
    await start({ login, config: allowed(['$JS.API.STREAM.INFO.>'], ['_INBOX.>']) });
    const made = [log(), jetStreamLease(nats), jetStreamReplayStore(nats), jetStreamMembership(nats)];
    expect(inspect(made, { depth: 20, showHidden: true })).not.to.include(SECRET);
    for (const [, call] of calls()) {
      const error = await rejection(call());
      expectError(error, { code: (error as { code: string }).code, retriable: false, says: /./ });
      expect(inspect(error, { depth: 20, showHidden: true })).not.to.include(SECRET);
    }
  });
});

/** Wants one, and never completes. */
function firstDemand() {
  return new BehaviorSubject(1);
}
