import { expect } from 'chai';
import fc from 'fast-check';
import { map, merge, mergeMap, NEVER, of, retry, tap, timer } from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import { ALREADY_ACTIVE, ManagedServer } from '../../test/support/managed-server.js';
import { managedStream, type ManagedStream } from '../../test/support/managed-stream.js';
import { see, SteppedTime } from '../../test/support/stepped-time.js';
import { UncommittedEvents } from '../position/uncommitted-events.js';
import { Watermark } from '../delivery/watermark.js';
import { AuthenticationError, ConnectionError, CommitRefusedError, ManagedSubscriptionError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import { readinessOf } from './client-state.js';
import type { DrainReport } from './drain-report.js';
import type { ManagedOptions } from './managed-options.js';
import type { SubscriptionState } from './subscription-state.js';
import { ManagedLine } from '../position/managed-line.js';
import { managedSource } from '../position/managed-source.js';
import { ManagedPlace } from '../position/managed-place.js';
import { broken, typesOf } from '../../test/support/breaking-streams.js';
import { managedSuite, TOPIC } from '../../test/support/managed-suite.js';

describe('A managed subscription', () => {
  const { made, managed } = managedSuite();
  const commitsOf = ({ requests }: { readonly requests: readonly string[] }) =>
    requests.filter((request) => request.includes('commit'));

  describe('reads', () => {
    for (const [idOrName, name] of [
      ['Account_Sync', { developerName: 'Account_Sync' }],
      ['18xSB000000000B', { subscriptionId: '18xSB000000000B' }],
      ['18xSB000000000BYAQ', { subscriptionId: '18xSB000000000BYAQ' }],
    ] as const) {
      it(`as ${Object.keys(name)[0]}, when it is given ${idOrName}`, async () => {
        const stream = managed({}, { idOrName });
        stream.subscribe();
        await stream.pass(1);
        expect(stream.server.names).to.deep.equal([name]);
        expect(stream.statuses[0]).to.deep.include({ type: 'connecting', from: 'committed', topic: idOrName });
      });
    }

    it('on, where the service has the position', async () => {
      const stream = managed();
      stream.server.log.push('a', 'b', 'c');
      stream.server.committed = 'a';
      const { names } = stream.subscribe();
      await stream.pass(1);
      expect(names).to.deep.equal(['b', 'c']);
    });

    it('within the window', async () => {
      const stream = managed({ window: 3 });
      stream.server.log.push('a', 'b', 'c', 'd', 'e');
      const { names, release } = stream.subscribeHolding();
      await stream.pass(1);
      expect(names).to.deep.equal(['a', 'b', 'c']);
      release('a', 'b', 'c');
      await stream.pass(10);
      expect(names).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
    });

    it('events that name the topic they are given, and a header', async () => {
      const stream = managed({ topic: '/data/All__chn' });
      stream.server.log.push('a');
      const events: unknown[] = [];
      stream.events$.subscribe((event) => events.push(event));
      await stream.pass(1);
      expect(events[0]).to.deep.include({ id: 'a', topic: '/data/All__chn', data: { Name: 'a' } });
      expect(events[0]).to.have.nested.property('header.changeType', 'CREATE');
    });

    it('events that name the topic their schema tells, when none is given', async () => {
      const stream = managedStream();
      made.push(stream);
      stream.server.log.push('a');
      const events: { topic: string }[] = [];
      stream.events$.subscribe((event) => events.push(event));
      await stream.pass(1);
      expect(events.map(({ topic }) => topic)).to.deep.equal([TOPIC]);
    });
  });

  describe('commits', () => {
    it('what is settled, on the stream, and never in its first request', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.log.push('a', 'b', 'c');
      const { release } = stream.subscribeHolding();
      await stream.pass(1);
      expect(stream.server.stream.requests).to.deep.equal(['100']);
      release('b');
      await stream.pass(1);
      expect(stream.server.asked).to.deep.equal([]);
      release('a');
      await stream.pass(1);
      expect(stream.server.asked).to.deep.equal(['b']);
      expect(stream.statuses.filter(({ type }) => type === 'committed')).to.have.length(1);
    });

    it('at most once an interval', async () => {
      const stream = managed({ commitIntervalMs: 500 });
      stream.server.log.push('a', 'b', 'c');
      const { release } = stream.subscribeHolding();
      await stream.pass(1);
      for (const name of ['a', 'b', 'c']) {
        release(name);
        await stream.pass(10);
      }
      await stream.pass(480);
      expect(stream.server.asked).to.deep.equal(['a', 'c']);
    });

    it('the position of a keepalive, when nothing is in flight', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      const { release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.server.append('a');
      await stream.pass(1);
      stream.server.stream.keepalive('x');
      await stream.pass(1);
      expect(stream.server.asked).to.deep.equal([]);
      release('a');
      await stream.pass(1);
      stream.server.stream.keepalive('y');
      await stream.pass(1);
      expect(stream.server.asked).to.deep.equal(['a', 'y']);
    });

    it('its last position again, at the first keepalive a quarter of an hour after it', async () => {
      const stream = managed({ commitIntervalMs: 0, silenceTimeoutMs: 300_000 });
      stream.server.log.push('a');
      stream.subscribe();
      await stream.pass(1);
      for (let minutes = 0; minutes < 28; minutes += 4) {
        stream.server.stream.keepalive('a');
        await stream.pass(240_000);
      }
      // Those at 16 minutes and, counted from there, none.
      expect(stream.server.asked).to.deep.equal(['a', 'a']);
      expect(stream.server.streams).to.have.length(1);
    });

    it('the last of several events that may share a replay id only when another came, or a keepalive', async () => {
      const stream = managedStream({ commitIntervalMs: 0 });
      made.push(stream);
      stream.server.log.push('a', 'b');
      stream.subscribe();
      await stream.pass(1);
      expect(stream.server.asked).to.deep.equal(['a']);
      stream.server.stream.keepalive('b');
      await stream.pass(1);
      expect(stream.server.asked).to.deep.equal(['a', 'b']);
    });

    it('again after a pause, when the service refuses, and says so with a typed error', async () => {
      const stream = managed({ commitIntervalMs: 0, settle: 'on-return' });
      stream.server.refusal = 'not now';
      stream.server.log.push('a');
      const { errors } = stream.subscribe();
      await stream.pass(1);
      const failed = stream.statuses.find((status) => status.type === 'commitFailed');
      expect(failed).to.include({ name: 'Sync', attempt: 1, delayMs: 500 });
      expect(failed?.cause).to.be.instanceOf(CommitRefusedError);
      expect(failed?.cause).to.include({ code: 'commit-refused', retriable: true });
      expect(failed?.cause.message).to.include('Sync').and.include('not now');
      expect(stream.warnings).to.have.length(1);
      stream.server.refusal = undefined;
      stream.server.append('b');
      await stream.pass(500);
      expect(stream.server.committed).to.equal('b');
      expect(errors).to.deep.equal([]);
    });

    it('nothing more than it is asked for, while it has no answer, and says so every 30 s', async () => {
      const stream = managed({ commitIntervalMs: 0, window: 2 });
      stream.server.answersCommits = false;
      stream.server.log.push('a', 'b', 'c', 'd', 'e');
      const { names } = stream.subscribe();
      await stream.pass(31_000);
      expect(names).to.deep.equal(['a', 'b']);
      const failed = stream.statuses.filter((status) => status.type === 'commitFailed');
      expect(failed.map(({ attempt, delayMs }) => [attempt, delayMs])).to.deep.equal([[1, 30_000]]);
      expect(failed[0]!.cause).to.include({ code: 'commit-refused' });
    });

    it('does not take the answer to a commit for a word on what is outstanding', async () => {
      const stream = managed({ commitIntervalMs: 0, window: 100 });
      stream.server.log.push('a');
      stream.subscribe();
      await stream.pass(10);
      expect(stream.server.asked).to.deep.equal(['a']);
      // 99 are outstanding yet: a request for what is free would be one for 100.
      stream.server.append('b');
      await stream.pass(10);
      expect(stream.server.stream.requests.filter((request) => !request.includes('commit'))).to.deep.equal(['100']);
    });
  });

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
      const stream = managed({ commitIntervalMs: 0, window: 1 });
      stream.server.log.push('a');
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.server.stream.end();
      await stream.pass(1);
      stream.server.unavailable = ALREADY_ACTIVE;
      subscription.unsubscribe();
      release('a');
      await stream.pass(9_900);
      expect(stream.statuses.at(-1)).not.to.include({ type: 'closed' });
      await stream.pass(200);
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
      expect(stream.server.committed).to.equal(undefined);
    });

    it('tries again to have a stream for the last commit, as long as there is time', async () => {
      const stream = managed({ commitIntervalMs: 0, window: 1 });
      stream.server.log.push('a');
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.server.stream.end();
      await stream.pass(1);
      stream.server.unavailable = ALREADY_ACTIVE;
      subscription.unsubscribe();
      release('a');
      await stream.pass(700);
      stream.server.unavailable = undefined;
      await stream.pass(2_000);
      expect(stream.server.committed).to.equal('a');
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
    });

    it('sends the last commit, when the session has expired meanwhile and the service refuses the next ones for a while', async () => {
      const stream = managed({ commitIntervalMs: 0, window: 1 });
      stream.server.log.push('a');
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.server.stream.end();
      await stream.pass(1);
      stream.server.unavailable = new AuthenticationError('expired', { grpcStatus: 16 });
      subscription.unsubscribe();
      release('a');
      await stream.pass(3_000);
      expect(stream.server.streams).to.have.length.within(4, 8);
      stream.server.unavailable = undefined;
      await stream.pass(5_000);
      expect(stream.server.committed).to.equal('a');
      expect(stream.statuses.at(-1)).to.include({ type: 'closed' });
    });

    it('gives the last commit up, when the login itself is refused', async () => {
      const stream = managed({ commitIntervalMs: 0, window: 1 });
      stream.server.log.push('a');
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.server.stream.end();
      await stream.pass(1);
      stream.server.unavailable = new AuthenticationError('wrong password');
      subscription.unsubscribe();
      release('a');
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

  it('commits the last position, and tells it, when it is drained', async () => {
    const stream = managed({ commitIntervalMs: 60_000 });
    stream.server.log.push('a', 'b', 'c');
    const seen = stream.subscribeHolding();
    await stream.pass(1);
    const reports: DrainReport[] = [];
    void stream.subscriptions.drain(5_000).then((report) => reports.push(report));
    seen.release('a', 'b');
    await stream.pass(100);
    expect(seen.completed).to.equal(true);
    seen.release('c');
    await stream.pass(10);
    expect(reports).to.have.length(1);
    expect(reports[0]).to.deep.include({ unsettled: 0 });
    expect(reports[0]!.subscriptions[0]).to.deep.include({ topic: 'Sync', settled: 3, unsettled: 0, uncommitted: 0 });
    expect(stream.server.committed).to.equal('c');
    expect(stream.server.stream.halfClosed).to.equal(true);
  });

  it('commits first of all without waiting for its interval: until then the service knows no position', async () => {
    const stream = managed({ commitIntervalMs: 60_000, window: 100 });
    stream.server.log.push('a', 'b');
    stream.subscribe();
    await stream.pass(1);
    expect(stream.server.committed).to.equal('b');
  });

  it('follows one of its own that has ended when that is over, and needs no warning for it', async () => {
    const stream = managed({ commitIntervalMs: 0, settle: 'on-return' });
    stream.server.log.push('a', 'b');
    const first = stream.subscribeHolding();
    await stream.pass(1);
    first.subscription.unsubscribe();
    const { names } = stream.subscribe();
    await stream.pass(1_000);
    expect(stream.server.streams).to.have.length(1);
    first.release('a', 'b');
    stream.server.append('c');
    await stream.pass(1);
    expect(stream.server.streams).to.have.length(2);
    expect(names).to.deep.equal(['c']);
    expect(stream.warnings).to.deep.equal([]);
  });

  it('goes on where the service has the position, when retry() subscribes again', async () => {
    const stream = managed({ commitIntervalMs: 0 });
    stream.server.log.push('a', 'b', 'c');
    let failures = 1;
    const seen = see(stream.events$.pipe(retry(1)), ({ id }) => {
      if (id === 'b' && failures-- > 0) stream.server.stream.fail(new ManagedSubscriptionError('x'));
    });
    await stream.pass(20_000);
    expect(new Set(seen.names)).to.deep.equal(new Set(['a', 'b', 'c']));
    expect(stream.server.committed).to.equal('c');
  });

  it('remembers no more events than wait for a commit', async () => {
    const server = new ManagedServer();
    const time = new SteppedTime();
    const watermark = new Watermark(undefined);
    const received = new UncommittedEvents(() => undefined);
    const silent = () => undefined;
    const listener = { tell: silent, waiting: silent, commitFailed: silent, committed: silent, failed: silent };
    const managed = { name: { developerName: 'Sync' }, topic: TOPIC, commitIntervalMs: 0 };
    const context = { scheduler: time, random: () => 1 };
    const line = new ManagedLine(server, managed.name);
    const place = new ManagedPlace(context, managed, line, watermark, received, listener);
    const source = managedSource(line, received);
    const stream = source.connect(merge(of(100), NEVER), NEVER, () => undefined).subscribe();
    for (let index = 0; index < 50; index++) {
      const id = ReplayId.fromBytes(Buffer.from(`${index}`));
      received.seen(`${index}`, id);
      watermark.settle(watermark.open(id));
      place.moved(200, 0);
      await time.pass(1);
    }
    expect(server.committed).to.equal('49');
    expect(received.size).to.be.at.most(2);
    stream.unsubscribe();
  });

  describe('fails at the call', () => {
    const calls: readonly (readonly [string, string, ManagedOptions | object, RegExp])[] = [
      ['the name is a topic', '/data/AccountChangeEvent', {}, /client\.changes/],
      ['the name is empty', '', {}, /names no managed subscription/],
      ['the name ends with an underscore', 'Sync_', {}, /names no managed subscription/],
      ['it is given replay', 'Sync', { replay: 'latest' }, /takes no "replay".*defaultReplay/],
      ['it is given a lease', 'Sync', { lease: {} }, /takes no "lease"/],
      ['it is given an unknown option', 'Sync', { windows: 3 }, /no option "windows"/],
      ['the interval is out of range', 'Sync', { commitIntervalMs: -1 }, /commitIntervalMs/],
      ['the topic is none', 'Sync', { topic: 'a b' }, /names neither/],
    ];
    for (const [condition, idOrName, options, message] of calls) {
      it(`when ${condition}`, () => {
        expect(() => managedStream(options, { idOrName }))
          .to.throw(message)
          .with.property('code', 'configuration');
      });
    }
  });

  it('loses nothing, hands nothing out twice, and never commits past what is unsettled, whatever breaks', async function () {
    this.timeout(180_000);
    const step = fc.oneof(
      fc.record({ type: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ type: fc.constant('settle' as const), which: fc.nat(5) }),
      fc.record({ type: fc.constant('break' as const), inPeace: fc.boolean() }),
      fc.record({ type: fc.constant('mute' as const) }),
      fc.record({ type: fc.constant('keepalive' as const) }),
      fc.record({ type: fc.constant('refuse' as const) }),
      fc.record({ type: fc.constant('again' as const) }),
      fc.record({ type: fc.constant('restart' as const) }),
      fc.record({ type: fc.constant('pass' as const), ms: fc.nat(2_000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 40 }), async (window, steps) => {
        const server = new ManagedServer();
        const settled = new Set<string>();
        let stream = managedStream({ topic: TOPIC, window, commitIntervalMs: 10 }, { server });
        let seen = stream.subscribeHolding();
        let open: string[] = [];
        let handedOut = 0;
        const look = () => {
          open.push(...seen.names.slice(handedOut));
          handedOut = seen.names.length;
          expect(new Set(seen.names).size, 'handed out twice').to.equal(seen.names.length);
          // Positions taken by the server cover settled events only.
          const upTo = server.log.indexOf(server.committed ?? '') + 1;
          server.log.slice(0, upTo).forEach((name) => expect(settled.has(name), `${name} committed`).to.equal(true));
        };
        await stream.pass(1);
        for (const each of steps) {
          if (each.type === 'append') {
            const first = server.log.length;
            server.append(...Array.from({ length: each.count }, (_, index) => `e${first + index}`));
          } else if (each.type === 'settle' && open.length > 0) {
            const [name] = open.splice(each.which % open.length, 1);
            settled.add(name!);
            seen.release(name!);
          } else if (each.type === 'break') {
            if (each.inPeace) server.stream.end();
            else server.stream.fail(broken);
          } else if (each.type === 'mute') {
            server.answersCommits = !server.answersCommits;
          } else if (each.type === 'keepalive' && server.log.length > 0) {
            server.stream.keepalive();
          } else if (each.type === 'refuse') {
            server.refusal = server.refusal === undefined ? 'no' : undefined;
          } else if (each.type === 'again') {
            // Unsubscribed, with work that goes on and counts; then subscribed again.
            seen.subscription.unsubscribe();
            open.splice(0).forEach((name) => {
              settled.add(name);
              seen.release(name);
            });
            seen = stream.subscribeHolding();
            handedOut = 0;
          } else if (each.type === 'restart') {
            // As by kill -9: its time stands still.
            server.streams.at(-1)?.end();
            stream = managedStream({ topic: TOPIC, window, commitIntervalMs: 10 }, { server });
            seen = stream.subscribeHolding();
            open = [];
            handedOut = 0;
          } else if (each.type === 'pass') await stream.pass(each.ms);
          await stream.pass(1);
          look();
        }
        server.answersCommits = true;
        server.refusal = undefined;
        for (let turns = 0; turns < 200 && server.committed !== server.log.at(-1); turns++) {
          open.splice(0).forEach((name) => {
            settled.add(name);
            seen.release(name);
          });
          await stream.pass(1_000);
          if (turns % 40 === 39) server.stream.fail(broken);
          look();
        }
        expect([...settled].sort()).to.deep.equal([...server.log].sort());
        expect(server.committed).to.equal(server.log.at(-1));
        expect(seen.errors).to.deep.equal([]);
        stream.subscriptions.close();
        await stream.pass(20_000);
      }),
      { numRuns: 300 },
    );
  });

  describe('whose pipeline keeps events', () => {
    /** The third event comes late, behind work on the others. */
    const lateThird = (stream: ManagedStream) => {
      const { time } = stream;
      const errors: unknown[] = [];
      stream.events$
        .pipe(
          mergeMap((event) => (event.id === 'c' ? timer(100, time).pipe(map(() => event)) : of(event))),
          tap((event) => {
            const held = hold(event, 'works');
            time.schedule(() => held.release(), 1);
          }),
        )
        .subscribe({ next: () => undefined, error: (error: unknown) => errors.push(error) });
      return errors;
    };
    const base64 = (name: string) => Buffer.from(name).toString('base64');

    it('ends in an error that says what to read again, when the position has passed them', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.log.push('a', 'b', 'c', 'd');
      const errors = lateThird(stream);
      await stream.pass(200);
      expect(stream.server.committed).to.equal('d');
      expect(errors).to.have.length(1);
      expect(errors[0]).to.include({ code: 'settled-early' });
      expect(String(errors[0]))
        .to.include(`from replay id ${base64('b')}`)
        .and.include(base64('d'));
      expect(String(errors[0])).not.to.include('they come again');
    });

    it('says so, too, when the commit that passes them is on its way', async () => {
      const stream = managed({ commitIntervalMs: 0 });
      stream.server.answersCommits = false;
      stream.server.log.push('a', 'b', 'c', 'd');
      const errors = lateThird(stream);
      await stream.pass(200);
      expect(stream.server.asked.at(-1)).to.equal('d');
      expect(String(errors[0]))
        .to.include(`from replay id ${base64('b')}`)
        .and.include(base64('d'));
    });
  });
});
