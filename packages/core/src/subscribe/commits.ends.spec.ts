import { expect } from 'chai';
import { retry } from 'rxjs';
import { BUSY } from '../../test/support/fake-store.js';
import { see, SteppedTime } from '../../test/support/stepped-time.js';
import { RxforceError, ServiceError } from '../model/errors.js';
import { Ok } from '../model/result.js';
import { broken, typesOf } from '../../test/support/breaking-streams.js';
import { startOf, storeSuite } from '../../test/support/store-suite.js';

describe('eventStream with a store', () => {
  const suite = storeSuite();
  const { withStore } = suite;

  describe('one position has one live subscription', () => {
    it('a second one fails with position-in-use, and the first goes on', async () => {
      const time = new SteppedTime();
      const [first, second] = [withStore({}, time), withStore({}, time)];
      const seen = first.subscribe();
      await time.pass(1);
      const { errors } = second.subscribe();
      await time.pass(1);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(RxforceError).and.include({ code: 'position-in-use' });
      first.service.stream.send('a');
      await time.pass(1);
      expect(seen.names).to.deep.equal(['a']);
      const { errors: errorsOfThird } = second.subscribe();
      await time.pass(1);
      expect(errorsOfThird).to.have.length(1);
    });

    it('goes on in the next one with retry(), at once, after what was settled', async () => {
      const stream = withStore({ replay: { from: 'earliest', commitIntervalMs: 60_000 }, maxAttempts: 1 });
      const { names } = see(stream.events$.pipe(retry({ count: 2 })));
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1);
      stream.service.stream.send('b');
      stream.service.stream.fail(broken);
      await stream.pass(10);
      expect(startOf(stream)).to.equal('b');
      stream.service.stream.send('c');
      expect(names).to.deep.equal(['a', 'b', 'c']);
      expect(suite.store.saved).to.deep.equal(['a', 'b']);
      stream.service.stream.fail(broken);
      await stream.pass(10);
      expect(startOf(stream)).to.equal('c');
    });

    it('goes on in the next one while the last one still works, and that saves nothing more', async () => {
      const stream = withStore({ replay: { from: 'earliest' } });
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.service.stream.send('a', 'b', 'c');
      release('a');
      await stream.pass(10);
      subscription.unsubscribe();
      release('b');
      const second = stream.subscribeHolding();
      await stream.pass(1);
      expect(startOf(stream)).to.equal('b');
      release('c');
      await stream.pass(15_000);
      expect(suite.store.saved).to.deep.equal(['a', 'b']);
      stream.service.stream.send('c');
      expect(second.names).to.deep.equal(['c']);
      second.release('c');
      await stream.pass(1_000);
      expect(suite.store.saved).to.deep.equal(['a', 'b', 'c']);
    });

    it('may be the next one after a failure to commit, which is made durable before it goes on', async () => {
      let failing = true;
      suite.store.onSave = () => (failing ? BUSY : Ok(undefined));
      const stream = withStore({ replay: { from: 'earliest' } });
      see(stream.events$.pipe(retry({ count: 1 })));
      await stream.pass(1);
      stream.service.stream.send('a', 'b');
      await stream.pass(10);
      stream.service.stream.fail(new ServiceError('for good'));
      await stream.pass(100);
      expect(stream.service.streams).to.have.length(1);
      failing = false;
      await stream.pass(1_000);
      expect(startOf(stream)).to.equal('b');
      expect(suite.store.saved).to.deep.equal(['b']);
    });
  });

  describe('after it was unsubscribed', () => {
    it('still commits what is settled then, and then gives the position up', async () => {
      const stream = withStore({ replay: { from: 'earliest' } });
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.service.stream.send('a', 'b');
      await stream.pass(10);
      subscription.unsubscribe();
      expect(stream.service.stream.cancelled).to.equal(true);
      await stream.pass(5_000);
      expect(typesOf(stream)).not.to.include('closed');
      release('a');
      await stream.pass(100);
      release('b');
      await stream.pass(100);
      expect(suite.store.saved).to.deep.equal(['a', 'b']);
      expect(typesOf(stream).slice(-2)).to.deep.equal(['committed', 'closed']);
      expect(suite.store.locked).to.equal(false);
    });

    it('commits at once what was settled before', async () => {
      const stream = withStore({ replay: { from: 'earliest', commitIntervalMs: 60_000 } });
      const { subscription } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1);
      stream.service.stream.send('b');
      subscription.unsubscribe();
      await stream.pass(1);
      expect(suite.store.log.slice(2)).to.deep.equal(['save a', 'saved a', 'save b', 'saved b', 'release']);
      expect(typesOf(stream).at(-1)).to.equal('closed');
    });

    it('waits 10 seconds for work, and no longer', async () => {
      const stream = withStore({ replay: { from: 'earliest' } });
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.service.stream.send('a', 'b');
      release('a');
      await stream.pass(1_000);
      subscription.unsubscribe();
      await stream.pass(9_999);
      expect(suite.store.locked).to.equal(true);
      await stream.pass(1);
      expect(suite.store.locked).to.equal(false);
      expect(typesOf(stream).at(-1)).to.equal('closed');
      release('b');
      await stream.pass(1_000);
      expect(suite.store.saved).to.deep.equal(['a']);
    });

    it('waits for a store that fails, 10 seconds and no longer', async () => {
      suite.store.onSave = () => BUSY;
      const stream = withStore({ replay: { from: 'earliest' } });
      const { subscription } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      subscription.unsubscribe();
      await stream.pass(9_999);
      expect(suite.store.locked).to.equal(true);
      await stream.pass(1);
      expect(suite.store.locked).to.equal(false);
    });
  });
});
