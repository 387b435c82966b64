import { expect } from 'chai';
import { EMPTY, map, timer, type Observable } from 'rxjs';
import { ConnectionError, ReplayId, type ClientState, type Status, type SubscriptionState } from '@rxforce/core';
import { runMarbles } from '@rxforce/core/testing';
import { LiveState, type LiveClient, type SubscriptionOf } from './live-state.js';

const TOPIC = '/data/AccountChangeEvent';
const of = { topic: TOPIC, subscription: 1, name: 'sync' } as const;
const window = (unsettled: number) => ({ outstanding: 10, unsettled, uncommitted: 5, window: 100 });
const connecting: Status = { type: 'connecting', from: 'latest', failures: 0, ...of };
const received = (events: number, unsettled: number): Status => ({
  ...{ type: 'received', events, ...of },
  ...window(unsettled),
});
const waiting = (attempt: number): Status => ({
  ...{ type: 'waiting', attempt, delayMs: 4_000, ...of },
  cause: new ConnectionError('16 UNAUTHENTICATED'),
});
const snapshot = (entity: string, rows: number, phase: 'reading' | 'done' = 'reading'): Status => ({
  ...{ type: 'snapshot', phase, entity, rows, of: 1_000, ...of },
});

const subscription = (changes: Partial<SubscriptionState> = {}): SubscriptionState => ({
  ...{ topic: TOPIC, subscription: 1, name: 'sync', state: 'live', since: 0, troubleSince: undefined },
  ...{ wasConnected: true, cause: undefined, window: window(0), lagMs: 0, lastResponseAt: 7, lastCommit: undefined },
  start: undefined,
  ...changes,
});

/** A client whose state is given, and whose statuses are marbles. */
function client(status$: Observable<Status>, subscriptions: () => readonly SubscriptionState[]): LiveClient {
  const state = (): ClientState => ({
    ...{ at: 0, state: 'open', login: undefined, apiUsage: undefined },
    subscriptions: subscriptions(),
  });
  return { status$, state };
}

describe('LiveState', () => {
  it('counts what comes and what is done by the second, when statuses and states say so', () => {
    runMarbles(({ scheduler, hot, expectObservable }) => {
      // 30 events come in the first second, of which 10 are done by the next response, and 20 when somebody looks.
      const status$ = hot<Status>('c 99ms a 399ms b', { c: connecting, a: received(10, 10), b: received(20, 20) });
      const live = new LiveState([[undefined, client(status$, () => [subscription()])]], scheduler);
      const readings$ = timer(900, 1_000, scheduler).pipe(
        map(() => live.read().subscriptions[0]),
        map((each) => [each?.receivedPerSecond, each?.settledPerSecond, each?.history.settled.slice(-2)]),
      );
      expectObservable(readings$, '2500ms !').toBe('900ms a 999ms b', {
        a: [0, 0, [0, 0]],
        b: [30, 30, [0, 30]],
      });
    });
  });

  it('shows a window with its free room, the lease, and the place that is saved', () => {
    runMarbles(({ scheduler, hot, flush }) => {
      const status$ = hot<Status>('(cr)', { c: { type: 'standby', ...of }, r: { type: 'acquired', token: 1, ...of } });
      const lastCommit = { at: 5, position: new Date(0) };
      const states = [subscription({ window: window(20), lastCommit, lagMs: 1_499.6 })];
      const live = new LiveState([['emea', client(status$, () => states)]], scheduler);
      flush();
      const [read] = live.read().subscriptions;
      expect(read).to.deep.include({
        ...{ org: 'emea', topic: TOPIC, name: 'sync', state: 'live', lagMs: 1_500, role: 'active' },
        ...{ lastCommitAt: 5, position: '1970-01-01T00:00:00.000Z', lastResponseAt: 7 },
        window: { outstanding: 10, unsettled: 20, uncommitted: 5, free: 65, size: 100 },
      });
    });
  });

  it('shows what holds a subscription up beside its stream, where somebody says so', () => {
    runMarbles(({ scheduler }) => {
      const states = [subscription({ name: undefined }), subscription({ topic: '/data/LeadChangeEvent' })];
      const asked: unknown[] = [];
      const heldUpBy = (of: SubscriptionOf) => {
        asked.push(of);
        return of.name === null ? undefined : 'The sink is away.';
      };
      const live = new LiveState([['emea', client(EMPTY, () => states)]], scheduler, heldUpBy);
      expect(live.read().subscriptions.map((each) => each.heldUpBy)).to.deep.equal([null, 'The sink is away.']);
      expect(asked).to.deep.equal([
        { org: 'emea', topic: TOPIC, name: null },
        { org: 'emea', topic: '/data/LeadChangeEvent', name: 'sync' },
      ]);
    });
  });

  it('shows nothing that holds it up on standby, as its events are read elsewhere', () => {
    runMarbles(({ scheduler }) => {
      const states = [subscription({ state: 'standby' }), subscription({ subscription: 2 })];
      const live = new LiveState([[undefined, client(EMPTY, () => states)]], scheduler, () => 'The sink is away.');
      expect(live.read().subscriptions.map((each) => each.heldUpBy)).to.deep.equal([null, 'The sink is away.']);
    });
  });

  it('shows since when it tries to read, over all attempts, and not in other states', () => {
    runMarbles(({ scheduler }) => {
      const states = (['waiting', 'connecting', 'connected', 'failed'] as const).map((state, index) =>
        subscription({ state, subscription: index, since: 900, troubleSince: 100 }),
      );
      const live = new LiveState([[undefined, client(EMPTY, () => states)]], scheduler);
      expect(live.read().subscriptions.map(({ since, troubleSince }) => [since, troubleSince])).to.deep.equal([
        ...[
          [900, 100],
          [900, 100],
        ],
        ...[
          [900, null],
          [900, null],
        ],
      ]);
    });
  });

  it('reads as without it, when what should say that fails', () => {
    runMarbles(({ scheduler }) => {
      const heldUpBy = () => {
        throw new Error('broken');
      };
      const live = new LiveState([['emea', client(EMPTY, () => [subscription()])]], scheduler, heldUpBy);
      expect(live.read().subscriptions.map((each) => each.heldUpBy)).to.deep.equal([null]);
    });
  });

  it('shows that it has the lease, when it has got it at once', () => {
    runMarbles(({ scheduler, hot, flush }) => {
      const status$ = hot<Status>('(ac)', { a: { type: 'acquired', token: 1, ...of }, c: connecting });
      const live = new LiveState([[undefined, client(status$, () => [subscription()])]], scheduler);
      flush();
      expect(live.read().subscriptions[0]?.role).to.equal('active');
    });
  });

  it('shows the place where it began, while it has saved none', () => {
    runMarbles(({ scheduler, cold }) => {
      const from = ReplayId.fromBytes(Buffer.from('0123456789'));
      const positionOf = (start: SubscriptionState['start']) => {
        const live = new LiveState([[undefined, client(cold('-'), () => [subscription({ start })])]], scheduler);
        return live.read().subscriptions[0]?.position;
      };
      expect(positionOf({ at: 1, from })).to.equal(from.toString());
      expect(positionOf({ at: 1, from: 'latest' })).to.equal(null);
    });
  });

  it('has no lag, while nobody knows it, as nothing comes', () => {
    runMarbles(({ scheduler, cold }) => {
      const lags = (['live', 'parked', 'connected', 'waiting', 'connecting'] as const).map((state) => {
        const live = new LiveState([[undefined, client(cold('-'), () => [subscription({ state })])]], scheduler);
        return live.read().subscriptions[0]?.lagMs;
      });
      expect(lags).to.deep.equal([0, 0, 0, null, null]);
    });
  });

  it('says why it waits and when it tries again, and not any more when it is live', () => {
    runMarbles(({ scheduler, hot, expectObservable }) => {
      const status$ = hot<Status>('c 9ms w 9ms l', { c: connecting, w: waiting(1), l: { type: 'live', ...of } });
      const cause = new ConnectionError('16 UNAUTHENTICATED');
      const states = () => [scheduler.now() < 20 ? subscription({ state: 'waiting', cause }) : subscription()];
      const live = new LiveState([[undefined, client(status$, states)]], scheduler);
      const readings$ = timer(15, 10, scheduler).pipe(
        map(() => live.read().subscriptions[0]),
        map((each) => [each?.state, each?.reason, each?.nextTryAt]),
      );
      expectObservable(readings$, '30ms !').toBe('15ms a 9ms b', {
        a: ['waiting', '16 UNAUTHENTICATED', 4_010],
        b: ['live', null, null],
      });
    });
  });

  it('says why the last attempt has failed, while the next one is made', () => {
    runMarbles(({ scheduler, hot, expectObservable }) => {
      const connected: Status = { type: 'connected', ...of };
      const status$ = hot<Status>('c 9ms w 9ms c 9ms o 9ms c', { c: connecting, w: waiting(1), o: connected });
      const states = () => [subscription({ state: 'connecting' })];
      const live = new LiveState([[undefined, client(status$, states)]], scheduler);
      const reasons$ = timer(5, 10, scheduler).pipe(map(() => live.read().subscriptions[0]?.reason));
      expectObservable(reasons$, '50ms !').toBe('5ms n 9ms a 9ms a 9ms n 9ms n', { n: null, a: '16 UNAUTHENTICATED' });
    });
  });

  it('tells how long it takes until the lag is gone, when the lag becomes less', () => {
    runMarbles(({ scheduler, cold, expectObservable }) => {
      const lags = [60_000, 59_000, 58_000, 57_000, 58_000, 70_000, 0];
      const states = () => [subscription({ lagMs: lags[Math.floor(scheduler.now() / 1_000)] ?? 0 })];
      const live = new LiveState([[undefined, client(cold<Status>('-'), states)]], scheduler);
      const readings$ = timer(0, 1_000, scheduler).pipe(map(() => live.read().subscriptions[0]?.clearsInMs));
      expectObservable(readings$, '6500ms !').toBe('a 999ms a 999ms a 999ms b 999ms c 999ms a 999ms a', {
        a: null,
        b: 57_000, // a second less each second
        c: 116_000, // two seconds less in four
      });
    });
  });

  it('writes what happened once with a count, when it happens again, and gives only what is new', () => {
    runMarbles(({ scheduler, hot, flush }) => {
      const status$ = hot<Status>('c(wwr)', { c: connecting, w: waiting(2), r: received(1, 1) });
      const live = new LiveState([[undefined, client(status$, () => [])]], scheduler);
      flush();
      const { happened, revision } = live.read();
      expect(happened.map(({ type, level, times }) => [type, level, times])).to.deep.equal([['waiting', 'warn', 2]]);
      expect(happened[0]?.text).to.equal('16 UNAUTHENTICATED It is tried again.');
      expect(live.read(revision).happened).to.deep.equal([]);
      live.note({ type: 'action', level: 'info', org: null, topic: null, name: null, text: 'did it' });
      expect(live.read(revision).happened.map(({ text }) => text)).to.deep.equal(['did it']);
    });
  });

  it('keeps the last 500 things that happened', () => {
    runMarbles(({ scheduler, cold }) => {
      const live = new LiveState([[undefined, client(cold<Status>('-'), () => [])]], scheduler);
      const entry = { type: 'action', level: 'info', org: null, topic: null, name: null } as const;
      for (let n = 0; n < 600; n++) live.note({ ...entry, text: `n${n}` });
      const { happened } = live.read();
      expect([happened.length, happened[0]?.text, happened.at(-1)?.text]).to.deep.equal([500, 'n100', 'n599']);
    });
  });

  it('shows how far records are read, and begins again with the next object', () => {
    runMarbles(({ scheduler, hot, cold, flush }) => {
      const pages = {
        a: snapshot('Account', 200),
        b: snapshot('Account', 400),
        c: snapshot('Lead', 100),
      };
      const live = new LiveState([[undefined, client(cold<Status>('-'), () => [])]], scheduler);
      live.observe({ status$: hot<Status>('a 999ms b 1999ms c', pages) });
      flush();
      const [read] = live.read().snapshots;
      expect(read).to.deep.include({ entity: 'Lead', rows: 100, of: 1_000, phase: 'reading', since: 3_000 });
      expect(live.read().happened.map(({ text }) => text)).to.deep.equal([
        'reads the records of Account',
        'reads the records of Lead',
      ]);
    });
  });

  it('shows each object of a reading, and from where another process would read on', () => {
    runMarbles(({ scheduler, hot, cold, flush }) => {
      const entities = ['Account', 'Lead', 'Case'];
      const told = (entity: string, rows: number, more: object): Status =>
        ({ ...snapshot(entity, rows), entities, ...more }) as Status;
      const status$ = hot<Status>('a 999ms b 999ms c d', {
        a: told('Account', 200, { read: [], settled: 200, cursor: '{"after":"001"}' }),
        b: told('Account', 500, { read: [], settled: 400, cursor: '{"after":"002"}' }),
        c: told('Account', 500, { read: ['Account'] }),
        d: told('Lead', 0, { read: ['Account'], settled: 0 }),
      });
      const live = new LiveState([[undefined, client(cold<Status>('-'), () => [])]], scheduler);
      live.observe({ status$ });
      const seen: unknown[] = [];
      const look = () =>
        live
          .read()
          .snapshots.map(({ entity, phase, rows, settled, cursor, rowsPerSecond }) =>
            seen.push([entity, phase, rows, settled, cursor, rowsPerSecond]),
          );
      for (const at of [1_500, 2_500]) scheduler.schedule(look, at);
      flush();
      expect(seen).to.deep.equal([
        ['Account', 'reading', 500, 400, '{"after":"002"}', 0],
        ['Lead', 'waiting', 0, null, null, 0],
        ['Case', 'waiting', 0, null, null, 0],
        ['Account', 'done', 500, null, null, 150],
        ['Lead', 'reading', 0, 0, null, 0],
        ['Case', 'waiting', 0, null, null, 0],
      ]);
    });
  });

  it('shows the partitions of a log and how often they were shared out', () => {
    runMarbles(({ scheduler, hot, flush }) => {
      const assigned = (partitions: readonly number[], members: number): Status => ({
        ...{ type: 'assigned', partitions, of: 4, members, member: 'one', shares: shared(partitions), ...of },
      });
      const shared = (partitions: readonly number[]) => [{ member: 'one', partitions }];
      const status$ = hot<Status>('ab', { a: assigned([0, 1, 2, 3], 1), b: assigned([0, 1], 2) });
      const live = new LiveState([[undefined, client(status$, () => [])]], scheduler);
      flush();
      expect(live.read().assignments).to.deep.equal([
        {
          ...{ key: '#1', org: null, topic: TOPIC, name: 'sync', partitions: [0, 1], of: 4, members: 2 },
          ...{ member: 'one', shares: shared([0, 1]), at: 1, handovers: 2 },
        },
      ]);
    });
  });

  it('shows no partitions any more, when the subscription to the log is over', () => {
    runMarbles(({ scheduler, hot, flush }) => {
      const assigned: Status = {
        ...{ type: 'assigned', partitions: [0], of: 1, members: 1, member: 'one', shares: [], ...of },
      };
      const status$ = hot<Status>('ab', { a: assigned, b: { type: 'closed', ...of } });
      const live = new LiveState([[undefined, client(status$, () => [])]], scheduler);
      flush();
      expect(live.read().assignments).to.deep.equal([]);
    });
  });

  it('keeps no figures of publishers and of what is over, while nobody looks', () => {
    runMarbles(({ scheduler, hot, flush }) => {
      const published: Status = { type: 'published', events: 1, failed: 0, tookMs: 1, ...of, subscription: 2 };
      const status$ = hot<Status>('abcd', {
        ...{ a: connecting, b: received(3, 3), c: { type: 'closed', ...of }, d: published },
      });
      const live = new LiveState([[undefined, client(status$, () => [subscription()])]], scheduler);
      // The subscription of the state begins anew: it has nothing of the one before.
      let counts: readonly number[] = [];
      scheduler.schedule(() => (counts = live.read().subscriptions[0]?.history.received ?? []), 2_000);
      flush();
      expect(counts)
        .to.have.length(60)
        .and.to.deep.equal(counts.map(() => 0));
    });
  });

  it('hears nothing more, when it is closed', () => {
    runMarbles(({ scheduler, hot, expectSubscriptions }) => {
      const status$ = hot<Status>('-----');
      const live = new LiveState([[undefined, client(status$, () => [])]], scheduler);
      scheduler.schedule(() => live.close(), 3);
      expectSubscriptions(status$.subscriptions).toBe('^--!');
    });
  });

  it('has these fields and no others, as each of them is shown to whoever looks', () => {
    runMarbles(({ scheduler, hot, flush }) => {
      const live = new LiveState(
        [
          [
            undefined,
            client(hot<Status>('c', { c: connecting }), () => [{ ...subscription(), accessToken: 'secret' } as never]),
          ],
        ],
        scheduler,
      );
      flush();
      expect(Object.keys(live.read()).sort()).to.deep.equal(
        'assignments at clients happened revision snapshots startedAt subscriptions'.split(' '),
      );
      expect(Object.keys(live.read().subscriptions[0] ?? {}).sort()).to.deep.equal(
        (
          'clearsInMs heldUpBy history key lagMs lastCommitAt lastResponseAt name nextTryAt org position reason ' +
          'receivedPerSecond role settledPerSecond since state topic troubleSince window'
        ).split(' '),
      );
    });
  });
});
