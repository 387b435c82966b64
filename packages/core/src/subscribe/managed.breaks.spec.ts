import { expect } from 'chai';
import { ALREADY_ACTIVE } from '../../test/support/managed-server.js';
import { managedStream } from '../../test/support/managed-stream.js';
import { ConnectionError, ManagedSubscriptionError } from '../model/errors.js';
import { readinessOf } from './client-state.js';
import type { SubscriptionState } from './subscription-state.js';
import { broken, typesOf } from '../../test/support/breaking-streams.js';
import { managedSuite } from '../../test/support/managed-suite.js';

describe('A managed subscription', () => {
  const { made, managed } = managedSuite();
  const commitsOf = ({ requests }: { readonly requests: readonly string[] }) =>
    requests.filter((request) => request.includes('commit'));

  describe('when its stream breaks', () => {
    it('hands nothing out twice, settled or not, and goes on with what is new', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.log.push('a', 'b', 'c');
      const { names, release } = stream.subscribeHolding();
      await stream.pass(1);
      release('a', 'c');
      await stream.pass(1);
      stream.server.stream.fail(broken);
      await stream.pass(600);
      stream.server.append('d');
      await stream.pass(1);
      expect(names).to.deep.equal(['a', 'b', 'c', 'd']);
      expect(stream.server.streams).to.have.length(2);
      release('b', 'd');
      await stream.pass(1);
      expect(stream.server.committed).to.equal('d');
    });

    it('gives the credit of what comes again back', async () => {
      const stream = managed({ commitIntervalMs: 0, window: 2 });
      stream.server.log.push('a', 'b', 'c', 'd');
      const { names, release } = stream.subscribeHolding();
      await stream.pass(1);
      release('b');
      stream.server.stream.fail(broken);
      await stream.pass(600);
      release('a');
      await stream.pass(100);
      release('c', 'd');
      await stream.pass(100);
      expect(names).to.deep.equal(['a', 'b', 'c', 'd']);
      expect(stream.server.committed).to.equal('d');
    });

    it('sends the commit again that had no answer', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.answersCommits = false;
      stream.server.log.push('a');
      stream.subscribe();
      await stream.pass(1);
      stream.server.answersCommits = true;
      stream.server.stream.fail(broken);
      await stream.pass(600);
      expect(stream.server.streams.map(commitsOf)).to.deep.equal([['0 commit a'], ['0 commit a']]);
      expect(typesOf(stream)).to.include('committed').and.not.include('commitFailed');
    });

    it('opens the next one though all the window waits for a commit', async () => {
      const stream = managed({ commitIntervalMs: 0, window: 2 });
      stream.server.answersCommits = false;
      stream.server.log.push('a', 'b', 'c');
      const { names } = stream.subscribe();
      await stream.pass(1);
      expect(names).to.deep.equal(['a', 'b']);
      stream.server.answersCommits = true;
      stream.server.stream.end();
      await stream.pass(600);
      expect(names).to.deep.equal(['a', 'b', 'c']);
      expect(stream.server.committed).to.equal('c');
    });

    for (const [condition, log] of [
      ['an event came without a replay id', ['a', '-', 'c', 'd', 'e']],
      ['the service sends events again', ['a', 'b', 'c', 'b', 'c', 'd', 'e']],
    ] as const) {
      it(`hands nothing out twice, though ${condition}`, async () => {
        const stream = managed({ commitIntervalMs: 0 });
        stream.server.log.push(...log);
        const { names, release } = stream.subscribeHolding();
        await stream.pass(1);
        release('a');
        if (log.includes('-' as never)) release('-');
        release('c');
        await stream.pass(1);
        stream.server.append('f');
        await stream.pass(1);
        stream.server.stream.fail(broken);
        await stream.pass(600);
        const ids = names.filter((name) => name !== '-');
        expect(ids).to.deep.equal([...new Set(ids)]);
        expect(ids).to.include.members(log.filter((name) => name !== '-'));
      });
    }

    it('hands out each of several events without an id', async () => {
      const stream = managedStream({ commitIntervalMs: 0 });
      made.push(stream);
      const { names } = stream.subscribeHolding();
      await stream.pass(1);
      stream.server.sendWithoutIds('x', 'x');
      await stream.pass(1);
      expect(names).to.deep.equal(['', '']);
    });

    it('tells that events may be missing, when the next one begins somewhere else', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.log.push('a', 'b', 'c');
      const { names } = stream.subscribeHolding();
      await stream.pass(1);
      // As with defaultReplay LATEST, when nothing was committed yet.
      stream.server.committed = 'c';
      stream.server.stream.fail(broken);
      await stream.pass(600);
      stream.server.append('d');
      await stream.pass(1);
      expect(names).to.deep.equal(['a', 'b', 'c', 'd']);
      const resets = stream.statuses.filter((status) => status.type === 'replayReset');
      expect(resets.map(({ policy, from }) => [policy, from && Buffer.from(from.toBytes()).toString()])).to.deep.equal([
        ['committed', 'c'],
      ]);
      expect(stream.warnings.filter((warning) => warning.includes('Events may be missing'))).to.have.length(1);
    });

    it('tells no such thing, when it begins where it stood', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.log.push('a', 'b', 'c');
      const { names, release } = stream.subscribeHolding();
      await stream.pass(1);
      release('a');
      await stream.pass(1);
      stream.server.answersCommits = false;
      release('b', 'c');
      await stream.pass(1);
      stream.server.stream.fail(broken);
      await stream.pass(600);
      stream.server.append('d');
      await stream.pass(1);
      expect(stream.server.committed).to.equal('c');
      expect(names).to.include('d');
      expect(typesOf(stream)).not.to.include('replayReset');
    });

    it('waits for its turn, and tells why, while another client is active', async () => {
      const stream = managed();
      stream.server.unavailable = ALREADY_ACTIVE;
      stream.server.log.push('a');
      const { names, errors } = stream.subscribe();
      await stream.pass(400);
      expect(stream.statuses).to.deep.include({
        ...{ type: 'waiting', attempt: 1, delayMs: 500, cause: ALREADY_ACTIVE },
        ...{ topic: 'Sync', subscription: 1, name: 'Sync' },
      });
      expect(stream.warnings).to.have.length(1);
      stream.server.unavailable = undefined;
      await stream.pass(200);
      expect(names).to.deep.equal(['a']);
      expect(errors).to.deep.equal([]);
    });

    it('is on standby until its turn comes, so that a rolling update goes on', async () => {
      const stream = managed();
      stream.server.unavailable = ALREADY_ACTIVE;
      stream.subscribe();
      const look = () => {
        const state = stream.subscriptions.state(stream.time.now());
        const [{ state: phase, cause }] = state.subscriptions as [SubscriptionState];
        return [phase, cause, readinessOf(state).ready];
      };
      const seen: unknown[][] = [];
      stream.subscriptions.status$.subscribe(({ type }) => type === 'connecting' && seen.push(look()));
      await stream.pass(200_000);
      expect(look()).to.deep.equal(['standby', ALREADY_ACTIVE, true]);
      expect(seen).to.have.length.above(5);
      for (const each of seen.slice(1)) expect(each).to.deep.equal(['standby', ALREADY_ACTIVE, true]);
      stream.server.unavailable = undefined;
      await stream.pass(40_000);
      expect(look()).to.deep.equal(['connected', undefined, true]);
      stream.server.log.push('a');
      stream.server.unavailable = new ConnectionError('down');
      stream.server.stream.fail(new ConnectionError('down'));
      await stream.pass(100_000);
      expect(look()[0]).to.be.oneOf(['connecting', 'waiting']);
    });

    it('errors, when trying again would not help', async () => {
      const stream = managed();
      const stopped = new ManagedSubscriptionError('stopped');
      stream.server.unavailable = stopped;
      const { errors } = stream.subscribe();
      await stream.pass(1);
      expect(errors).to.deep.equal([stopped]);
      expect(stream.server.streams).to.have.length(1);
    });
  });
});
