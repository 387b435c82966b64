import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { replayStoreContract } from '@rxforce/core/testing';
import { jetStreamReplayStore, type JetStreamReplayStoreOptions } from '@rxforce/jetstream';
import { expect } from 'chai';
import { natsSuite } from '../support/nats-suite.js';
import { until } from '../support/nats-server.js';
import { countOf, expectError, expectRejection, idOf, KEY, PLACE, rejection } from '../support/positions.js';

describe('jetStreamReplayStore', function () {
  this.timeout(90_000);
  const suite = natsSuite();
  let nats: NatsConnection;
  let prefixes = 0;

  beforeEach(async () => {
    nats = await suite.connect();
    prefixes++;
  });

  const store = (options: JetStreamReplayStoreOptions = {}) =>
    jetStreamReplayStore(nats, { prefix: `of-${prefixes}`, timeoutMs: 2_000, ...options });
  const bucket = () => new Kvm(nats).open(`of-${prefixes}-positions`);

  describe('keeps the contract', () => {
    for (const { name, run } of replayStoreContract({ open: () => store(), reopen: () => store(), locks: false }))
      it(name, run);
  });

  it('refuses a smaller fencing token, also after its process has started anew', async () => {
    await store().save(KEY, idOf(1), 7);
    for (const again of [store(), store()]) {
      await expectRejection(again.save(KEY, idOf(2), 6), {
        code: 'position-in-use',
        retriable: false,
        says: /fencing token is larger than 6/,
      });
    }
    await store().save(KEY, idOf(3), 7);
    await store().save(KEY, idOf(4), 8);
    expect(countOf(await store().load(KEY))).to.equal(4);
  });

  it('takes the position of a holder with a smaller token, when that was late', async () => {
    const [stale, next] = [store(), store()];
    await stale.save(KEY, idOf(1), 1);
    await next.load(KEY);
    await stale.save(KEY, idOf(2), 1);
    await next.save(KEY, idOf(3), 2);
    expect(countOf(await store().load(KEY))).to.equal(3);
  });

  it('refuses what a second process saves, when neither has a lease', async () => {
    const [one, other] = [store(), store()];
    await one.load(KEY);
    await other.load(KEY);
    await one.save(KEY, idOf(1));
    const says = /Another process has saved the position "crm-sync"/;
    await expectRejection(other.save(KEY, idOf(2)), { code: 'position-in-use', retriable: false, says });
    // It begins anew, and has read what is there.
    await other.load(KEY);
    await other.save(KEY, idOf(3));
    await expectRejection(one.save(KEY, idOf(4)), { code: 'position-in-use', retriable: false, says });
  });

  it('keeps the order of saves, when the answer to one was lost', async () => {
    const kept = store({ timeoutMs: 1_000 });
    await kept.save(KEY, idOf(1));
    await suite.server.kill('SIGSTOP');
    const refused = await rejection(kept.save(KEY, idOf(2)));
    await suite.server.kill('SIGCONT');
    expectError(refused, { code: 'replay-store', retriable: true, says: /No answer came within 1000 ms/ });
    await until(async () => {
      const saved = await kept.save(KEY, idOf(3)).then(
        () => true,
        () => false,
      );
      return saved;
    });
    expect(countOf(await store().load(KEY))).to.equal(3);
  });

  it('says which key is damaged, and overwrites nothing', async () => {
    await store().save(KEY, idOf(1));
    const kv = await bucket();
    for (const value of ['', 'nonsense', '1i 0 w !!!', '2i 0 w AAAA']) {
      await kv.put(PLACE, value);
      const expected = { code: 'position-corrupted', retriable: false, says: /nats kv del/ };
      await expectRejection(store().load(KEY), expected);
      await expectRejection(store().save(KEY, idOf(2), 1), expected);
      expect((await kv.get(PLACE))?.string()).to.equal(value);
    }
  });

  it('begins as if for the first time, when the position was deleted', async () => {
    await store().save(KEY, idOf(1), 7);
    await (await bucket()).delete(PLACE);
    expect(await store().load(KEY)).to.equal(undefined);
    await store().save(KEY, idOf(2), 1);
    expect(countOf(await store().load(KEY))).to.equal(2);
  });

  it('lists only what is there: not what was deleted', async () => {
    const others = [1, 2, 3].map((number) => ({ ...KEY, name: `other-${number}` }));
    for (const key of [KEY, ...others]) await store().save(key, idOf(1));
    await (await bucket()).delete(PLACE);
    const names = async (of?: Partial<typeof KEY>) => (await store().list?.(of))?.map(({ name }) => name).sort();
    expect(await names()).to.deep.equal(['other-1', 'other-2', 'other-3']);
    expect(await names({ topic: KEY.topic, name: 'other-2' })).to.deep.equal(['other-2']);
    await store().save(KEY, idOf(2));
    expect(await names({ name: KEY.name })).to.deep.equal([KEY.name]);
  });

  it('has positions after the server was killed and started', async () => {
    await store().save(KEY, idOf(9), 1);
    await suite.server.restart();
    await until(async () => {
      const position = await store()
        .load(KEY)
        .catch(() => undefined);
      return countOf(position) === 9;
    });
  });

  it('refuses a token that cannot be compared', async () => {
    for (const fence of [-1, 1.5, NaN]) {
      await expectRejection(store().save(KEY, idOf(1), fence), {
        code: 'replay-store',
        retriable: false,
        says: /must be a whole number/,
      });
    }
  });
});
