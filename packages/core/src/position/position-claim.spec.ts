import { inspect } from 'node:util';
import { expect } from 'chai';
import { EMPTY } from 'rxjs';
import { anotherCopy } from '../../test/support/another-copy.js';
import { BUSY, CORRUPTED, deferred, FakeStore, idOf, nameOf } from '../../test/support/fake-store.js';
import { promises } from '../../test/support/stepped-time.js';
import { PositionCorruptedError, ReplayStoreError, RxforceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { PositionKey, ReplayStore, StreamPosition, StoreError } from '../ports/replay-store.js';
import { PositionClaim } from './position-claim.js';
import { checkedStore } from '../../test/support/store-suite.js';

const KEY: PositionKey = { organizationId: '00D000000000001', topic: '/data/ThingChangeEvent', name: 'default' };

const claimed = (store: ReplayStore, key: Partial<PositionKey> = {}) =>
  PositionClaim.claim(store, { ...KEY, ...key }).unwrap();

/** Opens a claim: the position's name, or the error's code. */
async function open(claim: PositionClaim, before?: StreamPosition): Promise<string | undefined> {
  const opened: Result<StreamPosition | undefined, StoreError> = await claim.open(before);
  return opened.ok ? nameOf(opened.val) : opened.val.code;
}

/** Whether a promise has ended, and how, as far as it has. */
function watch<T>(promise: Promise<T>): { ended: boolean; value?: T } {
  const watched: { ended: boolean; value?: T } = { ended: false };
  void promise.then((value) => Object.assign(watched, { ended: true, value }));
  return watched;
}

describe('PositionClaim', () => {
  const suite = checkedStore();

  describe('claim', () => {
    it('is refused with position-in-use, when a live subscription has the position', () => {
      claimed(suite.store);
      const second = PositionClaim.claim(suite.store, { ...KEY });
      expect(second.err).to.equal(true);
      expect(second.val)
        .to.be.instanceOf(RxforceError)
        .and.include({ code: 'position-in-use', topic: KEY.topic, retriable: false });
      expect(suite.store.log).to.deep.equal([]);
    });

    for (const other of [
      { organizationId: '00D000000000002' },
      { topic: '/data/OtherChangeEvent' },
      { name: 'other' },
    ] as const) {
      it(`is given beside another, when they differ in ${Object.keys(other).join()}`, () => {
        claimed(suite.store);
        expect(PositionClaim.claim(suite.store, { ...KEY, ...other }).ok).to.equal(true);
      });
    }

    it('is given beside another, when they are of two stores', () => {
      claimed(suite.store);
      expect(PositionClaim.claim(new FakeStore(), KEY).ok).to.equal(true);
    });

    it('tells keys apart, whatever their texts hold', () => {
      claimed(suite.store, { topic: 'a","b', name: 'c' });
      expect(PositionClaim.claim(suite.store, { ...KEY, topic: 'a', name: 'b","c' }).ok).to.equal(true);
    });

    it('is given again, when the one before was released', async () => {
      await claimed(suite.store).release();
      expect(PositionClaim.claim(suite.store, KEY).ok).to.equal(true);
    });

    it('keeps others away, when an earlier claim that was refused beside it is gone', async () => {
      const first = claimed(suite.store);
      PositionClaim.claim(suite.store, KEY);
      expect(PositionClaim.claim(suite.store, KEY).err).to.equal(true);
      await first.release();
      expect(PositionClaim.claim(suite.store, KEY).ok).to.equal(true);
    });
  });

  describe('open', () => {
    it('locks, then loads', async () => {
      suite.store.position = idOf('a');
      expect(await open(claimed(suite.store))).to.equal('a');
      expect(suite.store.log).to.deep.equal(['lock', 'load']);
    });

    it('gives nothing, when nothing is stored', async () => {
      expect(await open(claimed(suite.store))).to.equal(undefined);
    });

    it('loads without a lock, when the store has none', async () => {
      const key: PositionKey[] = [];
      const plain: ReplayStore = {
        load: (asked) => {
          key.push(asked);
          return Promise.resolve(idOf('a'));
        },
        save: () => Promise.resolve(),
      };
      const claim = claimed(plain);
      expect(await open(claim)).to.equal('a');
      expect(key).to.deep.equal([KEY]);
      await claim.release();
    });

    it('is an error and loads nothing, when it cannot lock; may be called again', async () => {
      suite.store.onLock = () => CORRUPTED;
      const claim = claimed(suite.store);
      expect(await open(claim)).to.equal('position-corrupted');
      expect(suite.store.log).to.deep.equal(['lock']);
      suite.store.onLock = () => Ok(undefined);
      expect(await open(claim)).to.equal(undefined);
      expect(suite.store.log).to.deep.equal(['lock', 'lock', 'load']);
    });

    it('keeps the lock, when it cannot load and is called again', async () => {
      suite.store.onLoad = () => BUSY;
      const claim = claimed(suite.store);
      expect(await open(claim)).to.equal('replay-store');
      suite.store.onLoad = () => Ok(undefined);
      await open(claim);
      expect(suite.store.log).to.deep.equal(['lock', 'load', 'load']);
      await claim.release();
      expect(suite.store.locked).to.equal(false);
    });

    for (const [what, thrown] of [
      ['rejects', new Error('disk on fire')],
      ['rejects with a text', 'disk on fire'],
    ] as const) {
      it(`is a retriable error, when a store ${what}`, async () => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as a store of somebody else's might
        suite.store.onLoad = () => Promise.reject(thrown);
        const opened = await claimed(suite.store).open(undefined);
        expect(opened.val).to.be.instanceOf(RxforceError).and.include({ code: 'replay-store', retriable: true });
        expect((opened.val as ReplayStoreError).message).to.include('disk on fire');
        expect((opened.val as ReplayStoreError).cause).to.equal(thrown);
      });
    }

    it('is a retriable error, when a store throws', async () => {
      const plain: ReplayStore = {
        load: () => {
          throw new Error('not yet');
        },
        save: () => Promise.resolve(),
      };
      expect(await open(claimed(plain))).to.equal('replay-store');
    });

    it('is the error itself, when a store rejects with one of ours', async () => {
      const error = new PositionCorruptedError('no');
      suite.store.onLoad = () => Promise.reject(error);
      expect((await claimed(suite.store).open(undefined)).val).to.equal(error);
    });

    it('makes durable where a subscription before it was, when nothing is stored', async () => {
      const claim = claimed(suite.store);
      expect(await open(claim, new Date(5))).to.equal('@5');
      expect(suite.store.log).to.deep.equal(['lock', 'load', 'save @5', 'saved @5']);
    });

    it('takes what is stored, not where a subscription before it was', async () => {
      suite.store.position = idOf('a');
      expect(await open(claimed(suite.store), new Date(5))).to.equal('a');
      expect(suite.store.saved).to.deep.equal([]);
    });
  });

  describe('save', () => {
    it('saves under the key', async () => {
      const claim = claimed(suite.store);
      await open(claim);
      expect((await claim.save(idOf('a'))).ok).to.equal(true);
      expect(suite.store.saved).to.deep.equal(['a']);
      expect([...suite.store.keys]).to.deep.equal([JSON.stringify(KEY)]);
    });

    it('gives the error of the store', async () => {
      suite.store.onSave = () => BUSY;
      const claim = claimed(suite.store);
      await open(claim);
      expect((await claim.save(idOf('a'))).val).to.equal(BUSY.val);
    });

    it('waits for the call before it, also when that failed', async () => {
      const first = deferred<typeof BUSY>();
      suite.store.onSave = (position) => (nameOf(position) === 'a' ? first.promise : Ok(undefined));
      const claim = claimed(suite.store);
      await open(claim);
      const saves = Promise.all([claim.save(idOf('a')), claim.save(idOf('b'))]);
      await promises();
      expect(suite.store.log.slice(2)).to.deep.equal(['save a']);
      first.resolve(BUSY);
      expect((await saves).map(({ ok }) => ok)).to.deep.equal([false, true]);
      expect(suite.store.log.slice(2)).to.deep.equal(['save a', 'save b', 'saved b']);
    });
  });

  describe('release', () => {
    it('gives the lock back, once', async () => {
      const claim = claimed(suite.store);
      await open(claim);
      await Promise.all([claim.release(), claim.release()]);
      expect(suite.store.log).to.deep.equal(['lock', 'load', 'release']);
    });

    it('waits for the save that is under way', async () => {
      const save = deferred<Result<void, StoreError>>();
      suite.store.onSave = () => save.promise;
      const claim = claimed(suite.store);
      await open(claim);
      void claim.save(idOf('a'));
      const released = watch(claim.release());
      await promises();
      expect([released.ended, suite.store.locked]).to.deep.equal([false, true]);
      save.resolve(Ok(undefined));
      await promises();
      expect(suite.store.log.slice(2)).to.deep.equal(['save a', 'saved a', 'release']);
      expect(released.ended).to.equal(true);
    });

    it('gives back the lock that is still being taken', async () => {
      const lock = deferred<Result<void, StoreError>>();
      suite.store.onLock = () => lock.promise;
      const claim = claimed(suite.store);
      void claim.open(undefined);
      const released = watch(claim.release());
      await promises();
      lock.resolve(Ok(undefined));
      await promises();
      expect(released.ended).to.equal(true);
      expect(suite.store.locked).to.equal(false);
    });

    it('ends in peace, when there was no lock, or giving it back fails', async () => {
      await claimed(suite.store).release();
      suite.store.onRelease = () => Promise.reject(new Error('gone'));
      const claim = claimed(suite.store);
      await open(claim);
      await claim.release();
      expect(PositionClaim.claim(suite.store, KEY).ok).to.equal(true);
    });

    it('keeps the next one waiting, until the lock is free', async () => {
      const freed = deferred<undefined>();
      suite.store.onRelease = () => freed.promise;
      const first = claimed(suite.store);
      await open(first);
      void first.release();
      await promises();
      const opened = watch(open(claimed(suite.store)));
      await promises();
      expect([opened.ended, suite.store.locked]).to.deep.equal([false, true]);
      freed.resolve(undefined);
      await promises();
      expect(opened.ended).to.equal(true);
      expect(suite.store.log).to.deep.equal(['lock', 'load', 'release', 'lock', 'load']);
    });

    it('does not set free what another has claimed meanwhile', async () => {
      const first = claimed(suite.store);
      await open(first);
      const released = first.release();
      claimed(suite.store);
      await released;
      await promises();
      expect(PositionClaim.claim(suite.store, KEY).err).to.equal(true);
    });
  });

  describe('what a store answers', () => {
    /** A store that answers anything at all. */
    const answering = (answers: { load?: unknown; save?: unknown; lock?: unknown; reachedBefore?: unknown }) => {
      const saves: unknown[] = [];
      const plain = {
        load: () => ('load' in answers ? answers.load : Promise.resolve(undefined)),
        save: (_key: PositionKey, position: unknown) => {
          saves.push(position);
          return 'save' in answers ? answers.save : Promise.resolve();
        },
        ...('lock' in answers && { lock: () => answers.lock }),
        ...('reachedBefore' in answers && { reachedBefore: () => answers.reachedBefore }),
      } as ReplayStore;
      return { saves, claim: claimed(plain) };
    };
    const base64 = 'AAAAAACnSDkAAA==';

    for (const [what, value, named, advice] of [
      ['a text', base64, 'a text', 'ReplayId.parse'],
      ['bytes', Buffer.from(base64, 'base64'), 'bytes', 'ReplayId.fromBytes'],
      ['JSON', { replayId: base64 }, 'an object of replayId', 'ReplayId.parse'],
      ['a number', 1_700_000_000_000, 'a number', 'new Date(epochMs)'],
      ['an invalid Date', new Date(NaN), 'an invalid Date', 'ReplayId.parse'],
      ['an empty replay id', ReplayId.fromBytes(Buffer.alloc(0)), 'an instance of ReplayId', 'empty'],
      ['false', false, 'false', 'ReplayId.parse'],
      ['an error', new Error('disk on fire'), 'an instance of Error', 'Reject'],
      ['an Ok', Ok(idOf('a')), 'an instance of OkImpl', 'Results are of an older contract: resolve with the position'],
      ['an Ok of nothing', Ok(undefined), 'an instance of OkImpl', 'Results are of an older contract'],
      ['an Err', Err(new ReplayStoreError('busy')), 'an instance of ErrImpl', 'reject where it fails'],
      [
        'an Ok of another copy',
        { ok: true, err: false, val: undefined },
        'an object of ok, err, val',
        'older contract',
      ],
    ] as const) {
      it(`is position-corrupted and overwrites nothing, when load gives ${what}`, async () => {
        const { claim, saves } = answering({ load: Promise.resolve(value) });
        const { val: error } = await claim.open(idOf('before'));
        expect(error)
          .to.be.instanceOf(RxforceError)
          .and.include({ code: 'position-corrupted', retriable: false, topic: KEY.topic });
        expect((error as ReplayStoreError).message)
          .to.include(`resolved with ${named} for the position "default"`)
          .and.include(advice)
          .and.not.include(base64);
        expect(saves).to.deep.equal([]);
      });
    }

    for (const value of [undefined, null]) {
      it(`is nothing, when load gives ${value}`, async () => {
        expect(await open(answering({ load: Promise.resolve(value) }).claim)).to.equal(undefined);
      });
    }

    it('is a replay id of this copy of the package, when it is of another', async () => {
      const { ReplayId: Other } = await anotherCopy();
      const foreign = Other.parse(base64);
      const { val } = await answering({ load: Promise.resolve(foreign) }).claim.open(undefined);
      expect(val)
        .to.be.instanceOf(ReplayId)
        .and.satisfy((id: ReplayId) => id.toString() === base64);
      const { claim } = answering({ reachedBefore: Promise.resolve(foreign) });
      expect(await claim.reachedBefore(new Date())).to.be.instanceOf(ReplayId);
    });

    it('is the error that an Err holds, as the cause, when load or save gives one', async () => {
      const cause = new Error('disk on fire');
      const { claim } = answering({ load: Promise.resolve(Err(cause)), save: Promise.resolve(Err(cause)) });
      expect((await claim.open(undefined)).val).to.include({ code: 'position-corrupted', cause });
      expect((await claim.save(idOf('a'))).val).to.include({ code: 'replay-store', retriable: false, cause });
    });

    for (const answer of [undefined, 'OK', true, 0, '', 1, {}, [], idOf('a'), { ok: true }, { ok: 'yes', val: 1 }]) {
      it(`is saved, when save gives ${inspect(answer)}`, async () => {
        for (const save of [answer, Promise.resolve(answer)]) {
          const { claim, saves } = answering({ save });
          expect((await claim.save(idOf('a'))).ok).to.equal(true);
          expect(saves.map((saved) => nameOf(saved as StreamPosition))).to.deep.equal(['a']);
        }
      });
    }

    for (const answer of [
      false,
      null,
      new Error('disk on fire'),
      new ReplayStoreError('busy'),
      Ok(undefined),
      Err(new ReplayStoreError('busy')),
      { ok: true, err: false, val: undefined },
      EMPTY,
    ]) {
      it(`is an error that cannot pass, when save gives ${inspect(answer, { depth: 0 })}`, async () => {
        const { claim } = answering({ save: answer });
        const { val } = await claim.save(idOf('a'));
        expect(val).to.be.instanceOf(RxforceError).and.include({ code: 'replay-store', retriable: false });
        expect((val as Error).message)
          .to.include('save() of the replay store resolved with')
          .and.include('must resolve with nothing once the position is durable, and reject with a ReplayStoreError')
          .and.not.include('disk on fire');
      });
    }

    it('says that results are of an older contract, when save or lock gives one', async () => {
      let released = 0;
      const lock = { release: () => Promise.resolve(released++) };
      const { claim } = answering({ save: Ok(undefined), lock: Ok(lock) });
      for (const { val } of [await claim.open(undefined), await claim.save(idOf('a'))]) {
        expect((val as Error).message).to.include('Results are of an older contract.');
      }
      // Nobody else could.
      expect(released).to.equal(1);
    });

    it('is an error, and never a crash, when a store rejects with what cannot be printed', async () => {
      const thrown: unknown = Object.create(null);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as a store of somebody else's might
      const rejecting = Promise.reject(thrown);
      const { val } = await answering({ load: rejecting }).claim.open(undefined);
      expect(val).to.include({ code: 'replay-store', retriable: true, cause: thrown });
    });

    it('is an error, when a store throws at once', async () => {
      const throwing = () => {
        throw new Error('sync');
      };
      const claim = claimed({ load: throwing, save: throwing });
      for (const { val } of [await claim.open(undefined), await claim.save(idOf('a'))]) {
        expect(val).to.include({ code: 'replay-store', message: 'The replay store failed: sync', retriable: true });
      }
    });

    for (const answer of [
      undefined,
      null,
      false,
      {},
      { release: true },
      Ok(undefined),
      Ok({ release: () => undefined }),
    ]) {
      it(`is an error that cannot pass, when lock gives ${inspect(answer)}`, async () => {
        const { val } = await answering({ lock: Promise.resolve(answer) }).claim.open(undefined);
        expect(val).to.be.instanceOf(RxforceError).and.include({ code: 'replay-store', retriable: false });
        expect((val as Error).message).to.match(
          /^lock\(\) .* must resolve with \{ release \}, and reject with a PositionInUseError/,
        );
      });
    }

    for (const release of [
      () => {
        throw new Error('sync');
      },
      () => Promise.reject(new Error('async')),
      () => undefined,
      () => 5,
    ]) {
      it(`is free again, when release does ${String(release).replace(/\s+/g, ' ')}`, async () => {
        const plain = {
          load: () => Promise.resolve(Ok(undefined)),
          save: () => Promise.resolve(),
          lock: () => Promise.resolve(Ok({ release })),
        } as unknown as ReplayStore;
        const claim = claimed(plain);
        await open(claim);
        await claim.release();
        expect(PositionClaim.claim(plain, KEY).ok).to.equal(true);
      });
    }

    for (const answer of [undefined, null, 'AAAA', 5, new Date(), Ok(undefined), Ok(idOf('a')), false]) {
      it(`is no hint, when reachedBefore gives ${inspect(answer)}`, async () => {
        const { claim } = answering({ reachedBefore: Promise.resolve(answer) });
        expect(await claim.reachedBefore(new Date())).to.equal(undefined);
      });
    }
  });

  describe('taking a claim over from a subscription that is over', () => {
    it('goes on at its newest position, under its lock, and makes that durable', async () => {
      const first = claimed(suite.store);
      await open(first);
      await first.save(idOf('a'));
      first.retire(() => idOf('c'));
      const second = claimed(suite.store);
      expect(await open(second)).to.equal('c');
      expect(suite.store.log).to.deep.equal(['lock', 'load', 'save a', 'saved a', 'save c', 'saved c']);
      expect(suite.store.locked).to.equal(true);
    });

    it('makes the one before give up at once, so that it saves nothing later', () => {
      const first = claimed(suite.store);
      let gaveUp = 0;
      first.retire(() => {
        gaveUp++;
        return undefined;
      });
      claimed(suite.store);
      expect(gaveUp).to.equal(1);
    });

    it('waits for the save that is under way', async () => {
      const save = deferred<Result<void, StoreError>>();
      suite.store.onSave = (position) => (nameOf(position) === 'a' ? save.promise : Ok(undefined));
      const first = claimed(suite.store);
      await open(first);
      void first.save(idOf('a'));
      first.retire(() => idOf('c'));
      const opened = watch(open(claimed(suite.store)));
      await promises();
      expect(opened.ended).to.equal(false);
      save.resolve(Ok(undefined));
      await promises();
      expect(opened.value).to.equal('c');
      expect(suite.store.saved).to.deep.equal(['a', 'c']);
    });

    it('is an error, when the position cannot be made durable; then again', async () => {
      const first = claimed(suite.store);
      await open(first);
      first.retire(() => new Date(7));
      const second = claimed(suite.store);
      suite.store.onSave = () => BUSY;
      expect(await open(second)).to.equal('replay-store');
      suite.store.onSave = () => Ok(undefined);
      expect(await open(second)).to.equal('@7');
      expect(suite.store.saved).to.deep.equal(['@7']);
    });

    it('loads, when the one before knows no position', async () => {
      suite.store.position = idOf('stored');
      const first = claimed(suite.store);
      await open(first);
      first.retire(() => undefined);
      expect(await open(claimed(suite.store))).to.equal('stored');
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('leaves the lock where it is, when the one before is released later', async () => {
      const first = claimed(suite.store);
      await open(first);
      first.retire(() => idOf('c'));
      const second = claimed(suite.store);
      await first.release();
      expect(suite.store.locked).to.equal(true);
      await open(second);
      expect(PositionClaim.claim(suite.store, KEY).err).to.equal(true);
      await second.release();
      expect(suite.store.locked).to.equal(false);
      expect(PositionClaim.claim(suite.store, KEY).ok).to.equal(true);
    });

    it('takes over what the one before has not yet opened itself', async () => {
      const lock = deferred<Result<void, StoreError>>();
      suite.store.onLock = () => lock.promise;
      const first = claimed(suite.store);
      void first.open(undefined);
      first.retire(() => undefined);
      const opened = watch(open(claimed(suite.store)));
      await promises();
      lock.resolve(Ok(undefined));
      await promises();
      expect(opened.ended).to.equal(true);
      expect(suite.store.log).to.deep.equal(['lock', 'load', 'load']);
    });

    it('gives the lock back, when released without ever being opened', async () => {
      const first = claimed(suite.store);
      await open(first);
      first.retire(() => idOf('c'));
      await claimed(suite.store).release();
      expect(suite.store.locked).to.equal(false);
    });

    it('loses no position along a chain of subscriptions that were over before they began', async () => {
      const first = claimed(suite.store);
      await open(first);
      first.retire(() => idOf('c'));
      const second = claimed(suite.store);
      second.retire(() => undefined);
      const third = claimed(suite.store);
      expect(await open(third)).to.equal('c');
      await third.release();
      expect([suite.store.locked, suite.store.saved]).to.deep.equal([false, ['c']]);
    });

    it('loses no position, when the next one is released before it was opened', async () => {
      const first = claimed(suite.store);
      await open(first);
      first.retire(() => idOf('c'));
      const second = claimed(suite.store);
      void second.open(undefined);
      second.retire(() => undefined);
      void second.release();
      expect(await open(claimed(suite.store))).to.equal('c');
    });
  });
});
