import { expect } from 'chai';
import { merge, NEVER, of, retry } from 'rxjs';
import { ManagedServer } from '../../test/support/managed-server.js';
import { managedStream } from '../../test/support/managed-stream.js';
import { see, SteppedTime } from '../../test/support/stepped-time.js';
import { UncommittedEvents } from '../position/uncommitted-events.js';
import { Watermark } from '../delivery/watermark.js';
import { CommitRefusedError, ManagedSubscriptionError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { DrainReport } from './drain-report.js';
import type { ManagedOptions } from './managed-options.js';
import { ManagedLine } from '../position/managed-line.js';
import { managedSource } from '../position/managed-source.js';
import { ManagedPlace } from '../position/managed-place.js';
import { managedSuite, TOPIC } from '../../test/support/managed-suite.js';

describe('A managed subscription', () => {
  const { made, managed } = managedSuite();

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
    const listener = { tell: silent, waiting: silent, commitFailed: silent, silent, committed: silent, failed: silent };
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
});
