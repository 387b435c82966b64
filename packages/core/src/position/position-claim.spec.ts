import { expect } from 'chai';
import { BUSY, CORRUPTED, deferred, FakeStore, idOf, nameOf } from '../../test/support/fake-store.js';
import { promises } from '../../test/support/stepped-time.js';
import { PositionCorruptedError, type ReplayStoreError, RxforceError } from '../model/errors.js';
import { Ok, type Result } from '../model/result.js';
import type { PositionKey, ReplayStore, StoreError } from '../ports/replay-store.js';
import { PositionClaim } from './position-claim.js';
import { checkedStore } from '../../test/support/store-suite.js';
import { claimed, KEY, open, watch } from '../../test/support/claims.js';

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
});
