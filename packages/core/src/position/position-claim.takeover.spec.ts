import { expect } from 'chai';
import { BUSY, deferred, idOf, nameOf } from '../../test/support/fake-store.js';
import { promises } from '../../test/support/stepped-time.js';
import { Ok, type Result } from '../model/result.js';
import type { StoreError } from '../ports/replay-store.js';
import { PositionClaim } from './position-claim.js';
import { checkedStore } from '../../test/support/store-suite.js';
import { claimed, KEY, open, watch } from '../../test/support/claims.js';

describe('PositionClaim', () => {
  const suite = checkedStore();

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
