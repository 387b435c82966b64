import { expect } from 'chai';
import { ALREADY_ACTIVE } from '../../test/support/managed-server.js';
import { AuthenticationError, type RxforceError } from '../model/errors.js';
import { broken, typesOf } from '../../test/support/breaking-streams.js';
import { managedSuite } from '../../test/support/managed-suite.js';

describe('A managed subscription', () => {
  const { managed } = managedSuite();

  /** Ends when there is no stream and none can be had, and settles the event that was in work. */
  async function endedWithoutStream(unavailable: RxforceError) {
    const stream = managed({ commitIntervalMs: 0, window: 1 });
    stream.server.log.push('a');
    const { subscription, release } = stream.subscribeHolding();
    await stream.pass(1);
    stream.server.stream.end();
    await stream.pass(1);
    stream.server.unavailable = unavailable;
    subscription.unsubscribe();
    release('a');
    return stream;
  }

  describe('when it is unsubscribed', () => {
    it('commits late work on its stream, and then ends it in peace', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.log.push('a', 'b');
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      subscription.unsubscribe();
      await stream.pass(100);
      expect(stream.server.stream).to.include({ halfClosed: false, cancelled: false });
      release('a', 'b');
      await stream.pass(1);
      expect(stream.server.committed).to.equal('b');
      expect(stream.server.streams).to.have.length(1);
      expect(stream.server.stream.halfClosed).to.equal(true);
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
    });

    it('asks for nothing more, though work is settled', async () => {
      const stream = managed({ commitIntervalMs: 0, window: 2 });
      stream.server.log.push('a', 'b', 'c');
      const { names, subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      subscription.unsubscribe();
      release('a', 'b');
      await stream.pass(10);
      expect(stream.server.stream.requests).to.deep.equal(['2', '0 commit b']);
      expect(names).to.deep.equal(['a', 'b']);
    });

    it('cancels the stream after 10 s, when the work takes longer', async () => {
      const stream = managed();
      stream.server.log.push('a');
      const { subscription } = stream.subscribeHolding();
      await stream.pass(1);
      subscription.unsubscribe();
      await stream.pass(9_900);
      expect(stream.server.stream.cancelled).to.equal(false);
      await stream.pass(200);
      expect(stream.server.stream.cancelled).to.equal(true);
      expect(stream.server.asked).to.deep.equal([]);
    });

    it('opens a stream for the commit, when there is none, and takes no events from it', async () => {
      const stream = managed({ commitIntervalMs: 0, window: 1 });
      stream.server.log.push('a', 'b');
      const { names, subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.server.stream.end();
      await stream.pass(1);
      expect(typesOf(stream).at(-1)).to.equal('parked');
      subscription.unsubscribe();
      release('a');
      await stream.pass(10);
      expect(stream.server.committed).to.equal('a');
      expect(stream.server.streams).to.have.length(2);
      expect(stream.server.stream).to.include({ halfClosed: true });
      expect(names).to.deep.equal(['a']);
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
    });

    it('gives up the last commit after 10 s, when no stream can be had for it', async () => {
      const stream = await endedWithoutStream(ALREADY_ACTIVE);
      await stream.pass(9_900);
      expect(stream.statuses.at(-1)).not.to.include({ type: 'closed' });
      await stream.pass(200);
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
      expect(stream.server.committed).to.equal(undefined);
    });

    it('tries again to have a stream for the last commit, as long as there is time', async () => {
      const stream = await endedWithoutStream(ALREADY_ACTIVE);
      await stream.pass(700);
      stream.server.unavailable = undefined;
      await stream.pass(2_000);
      expect(stream.server.committed).to.equal('a');
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
    });

    it('sends the last commit, when the session has expired meanwhile and the service refuses the next ones for a while', async () => {
      const stream = await endedWithoutStream(new AuthenticationError('expired', { grpcStatus: 16 }));
      await stream.pass(3_000);
      expect(stream.server.streams).to.have.length.within(4, 8);
      stream.server.unavailable = undefined;
      await stream.pass(5_000);
      expect(stream.server.committed).to.equal('a');
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
    });

    it('gives the last commit up, when the login itself is refused', async () => {
      const stream = await endedWithoutStream(new AuthenticationError('wrong password'));
      await stream.pass(9_000);
      expect(stream.server.streams).to.have.length(2);
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
    });

    for (const [condition, answers] of [
      ['has no answer', false],
      ['is not written yet', true],
    ] as const) {
      it(`sends the commit on another stream, when its stream ends while that ${condition}`, async () => {
        const stream = managed({ commitIntervalMs: answers ? 500 : 0 });
        stream.server.answersCommits = answers;
        stream.server.log.push('a', 'b');
        const { subscription, release } = stream.subscribeHolding();
        await stream.pass(1);
        release('a');
        await stream.pass(1);
        release('b');
        await stream.pass(1);
        subscription.unsubscribe();
        stream.server.answersCommits = true;
        stream.server.stream.fail(broken);
        await stream.pass(2_000);
        expect(stream.server.committed).to.equal('b');
        expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
      });
    }

    it('is not over at once for a keepalive, whose commit had no answer when the stream broke, but soon', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.answersCommits = false;
      const { subscription } = stream.subscribe();
      await stream.pass(1);
      stream.server.stream.keepalive('x');
      await stream.pass(1);
      stream.server.stream.fail(broken);
      stream.server.answersCommits = true;
      subscription.unsubscribe();
      await stream.pass(100);
      expect(stream.server.committed).to.equal('x');
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
    });

    it('does not take a long drain for a dead connection, while the server says something', async () => {
      const stream = managed({ silenceTimeoutMs: 1_000 });
      stream.server.log.push('a');
      const seen = stream.subscribeHolding();
      await stream.pass(1);
      void stream.subscriptions.drain(100_000);
      for (let passed = 0; passed < 5_000; passed += 500) {
        await stream.pass(500);
        stream.server.stream.keepalive('a');
      }
      seen.release('a');
      await stream.pass(10);
      expect(stream.server.streams).to.have.length(1);
      expect(stream.server.committed).to.equal('a');
    });
  });
});
