import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { HeldLease } from '@rxforce/core';
import { leaseContract } from '@rxforce/core/testing';
import { jetStreamLease, jetStreamReplayStore, type JetStreamLeaseOptions } from '@rxforce/jetstream';
import { expect } from 'chai';
import { refusesStaleHolder } from '../../../core/test/support/stale-holder.js';
import { natsSuite } from '../support/nats-suite.js';
import { until } from '../support/nats-server.js';
import { expectError, expectRejection, KEY, rejection } from '../support/positions.js';

const TTL_MS = 400;

describe('jetStreamLease', function () {
  this.timeout(90_000);
  const suite = natsSuite();
  let buckets = 0;
  let nats: NatsConnection;

  beforeEach(async () => {
    nats = await suite.connect();
    buckets++;
  });

  /** Each test has a bucket of its own. */
  const lease = (options: JetStreamLeaseOptions = {}) =>
    jetStreamLease(nats, { bucket: `leases-${buckets}`, ttlMs: TTL_MS, timeoutMs: 2_000, ...options });
  const acquired = async (options?: JetStreamLeaseOptions): Promise<HeldLease> => (await lease(options).acquire(KEY))!;
  const stream = () => `KV_leases-${buckets}`;
  const messages = async () => (await (await jetstreamManager(nats)).streams.info(stream())).state.messages;
  const expired = () => until(async () => (await messages()) === 0);

  describe('keeps the contract', () => {
    /** How long ago each message was written, in the time of the test. */
    let ages = new Map<number, number>();
    const ttlMs = 60_000;
    /** Drops what would be too old then, as the server does: nothing waits for real time. */
    const pass = async (ms: number) => {
      const { streams } = await jetstreamManager(nats);
      const { first_seq: first, last_seq: last } = (await streams.info(stream())).state;
      for (let sequence = first; sequence <= last; sequence++) {
        if ((await streams.getMessage(stream(), { seq: sequence })) === null) continue;
        const age = (ages.get(sequence) ?? 0) + ms;
        ages.set(sequence, age);
        if (age >= ttlMs) await streams.deleteMessage(stream(), sequence);
      }
    };
    const options = {
      open: () => {
        ages = new Map();
        return lease({ ttlMs });
      },
      reopen: async () => jetStreamLease(await suite.connect(), { bucket: `leases-${buckets}`, ttlMs }),
      pass,
      fail: () => suite.server.kill('SIGSTOP'),
      dispose: () => suite.server.kill('SIGCONT'),
    };
    for (const { name, run } of leaseContract(options)) it(name, run);
  });

  it('is had by the next after its time, when it is not renewed, and is lost then', async () => {
    // The second one has it until the end, also on a slow machine.
    const ttlMs = 3_000;
    const first = await acquired({ ttlMs });
    await expired();
    expect(await first.renew()).to.equal(false);
    const second = await acquired({ ttlMs });
    expect(second.token).to.be.above(first.token);
    expect(await first.renew()).to.equal(false);
    await first.release();
    expect(await lease({ ttlMs }).acquire(KEY), 'the first has released that of the second').to.equal(undefined);
    expect(await second.renew()).to.equal(true);
  });

  it('is told apart by its name', async () => {
    await acquired({ ttlMs: 60_000 });
    await acquired({ ttlMs: 60_000, name: 'a' });
    await acquired({ ttlMs: 60_000, name: '' });
    expect(await lease({ ttlMs: 60_000, name: 'a' }).acquire(KEY)).to.equal(undefined);
  });

  it('goes on with its renewals, when the answer to one was lost', async () => {
    const held = await acquired({ ttlMs: 60_000, timeoutMs: 1_000 });
    await suite.server.kill('SIGSTOP');
    expectError(await rejection(held.renew()), { code: 'lease', retriable: true, says: /within 1000 ms/ });
    await suite.server.kill('SIGCONT');
    // The late call has renewed it, with a revision that nobody was told.
    await until(() => held.renew());
    await held.release();
    await acquired({ ttlMs: 60_000 });
  });

  it('makes the store refuse what a holder saves that has lost it', async () => {
    const stores = [jetStreamReplayStore(nats), jetStreamReplayStore(await suite.connect())] as const;
    await refusesStaleHolder(stores, acquired, expired);
  });

  it('is refused, when the bucket has another time to live', async () => {
    await acquired({ ttlMs: 60_000 });
    await expectRejection(lease({ ttlMs: 30_000 }).acquire(KEY), {
      code: 'lease',
      retriable: false,
      says: /keeps its keys for 60000 ms, and not for 30000.*another `bucket`/,
    });
  });

  it('is made anew with a larger token, when its bucket was deleted', async () => {
    const held = await acquired();
    const { streams } = await jetstreamManager(nats);
    const { created } = await streams.info(stream());
    await streams.delete(stream());
    expectError(await rejection(held.renew()), { code: 'lease', retriable: true, says: /./ });
    await until(() => Date.now() - Date.parse(created) > 1_000);
    expect((await acquired()).token).to.be.above(held.token);
  });

  it('refuses options that are none', () => {
    for (const ttlMs of [0, 99, 1.5, Infinity]) expect(() => lease({ ttlMs })).to.throw(/ttlMs is/);
    for (const timeoutMs of [0, NaN]) expect(() => lease({ timeoutMs })).to.throw(/timeoutMs is/);
    for (const bucket of ['', 'a.b', 'a b']) expect(() => lease({ bucket })).to.throw(/bucket is/);
    for (const prefix of ['', '{a}', 'a.b']) expect(() => lease({ prefix })).to.throw(/prefix is/);
    for (const replicas of [0, 6]) expect(() => lease({ replicas })).to.throw(/replicas is/);
    for (const given of ['nats://u:secret@x', undefined, {}]) {
      expect(() => jetStreamLease(given as never))
        .to.throw(/must be what connect\(\)/)
        .and.satisfy(({ message }: Error) => !message.includes('secret'));
    }
  });
});
