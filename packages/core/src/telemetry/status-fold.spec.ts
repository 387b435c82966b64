import { expect } from 'chai';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { keptMetrics } from '../../test/support/kept-metrics.js';
import { AuthenticationError, ConnectionError, PublishError, ReplayStoreError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { LoginStatus, ObservedStatus, StatusDetail } from '../ports/status.js';
import { observeStatuses } from './observe-statuses.js';
import type { InstrumentName } from './instruments.js';

const TOPIC = '/data/LeadChangeEvent';
const FIGURES = { outstanding: 10, unsettled: 3, uncommitted: 2, window: 20 };
const AT = ReplayId.fromBytes(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 7]));
const broken = new ConnectionError('broken');

/** A client that reports what a test says. */
function reporting() {
  const sink = keptMetrics();
  const status$ = new Subject<ObservedStatus>();
  const clock = Object.assign(new VirtualTimeScheduler(), { frame: 1_700_000_000_000 });
  const subscription = observeStatuses({ status$ }, sink, { clock });
  const report = (
    detail: StatusDetail,
    of: { subscription?: number; name?: string | undefined; org?: string } = {},
  ) => {
    const { subscription: number, name, org } = { subscription: 1, name: 'leads', ...of };
    status$.next({ ...detail, topic: TOPIC, subscription: number, name, ...(org !== undefined && { org }) });
  };
  return {
    ...{ sink, status$, subscription, report },
    /** The values of an instrument, by the attribute that tells its series apart. */
    values: (instrument: InstrumentName, attribute: string) =>
      Object.fromEntries(
        sink.series(instrument).map((line) => {
          const [, value, amount] =
            new RegExp(`${attribute.replaceAll('.', '\\.')}=([^,}]*)[^}]*} (\\S+)`).exec(line) ?? [];
          return [value ?? '', Number(amount ?? line.split(' ').at(-1))];
        }),
      ),
  };
}

const CONNECTING = { type: 'connecting', from: 'latest', failures: 0 } as const;
/** A publisher has no position. */
const PUBLISHER = { name: undefined };
const OF = `messaging.destination.name=${TOPIC},messaging.consumer.group.name=leads`;

describe('The statuses of a client', () => {
  it('are one state at a time for a subscription', () => {
    const { report, values } = reporting();
    const now = () => {
      const states = values('rxforce.subscription.state', 'rxforce.state');
      expect(Object.keys(states)).to.have.length(8);
      return Object.entries(states).filter(([, count]) => count > 0);
    };
    report(CONNECTING);
    expect(now()).to.deep.equal([['connecting', 1]]);
    for (const type of ['connected', 'live', 'parked', 'standby', 'draining'] as const) {
      report({ type });
      expect(now()).to.deep.equal([[type, 1]]);
    }
    report({ type: 'waiting', attempt: 1, delayMs: 5, cause: broken });
    expect(now()).to.deep.equal([['waiting', 1]]);
    report({ type: 'closed' });
    expect(now()).to.deep.equal([['closed', 1]]);
    report(CONNECTING, { subscription: 2 });
    expect(now()).to.deep.equal([['connecting', 1]]);
  });

  it('add up for subscriptions of one position, so that the end of one does not hide another', () => {
    const { report, values, sink } = reporting();
    const states = () => values('rxforce.subscription.state', 'rxforce.state');
    for (const subscription of [1, 2]) {
      report(CONNECTING, { subscription });
      report({ type: 'live' }, { subscription });
      report({ type: 'received', events: 3, ...FIGURES }, { subscription });
    }
    expect(states()).to.include({ live: 2, closed: 0 });
    expect(sink.series('rxforce.window.size')).to.deep.equal([`rxforce.window.size{${OF}} 40`]);
    report({ type: 'closed' }, { subscription: 1 });
    expect(states()).to.include({ live: 1, closed: 0 });
    expect(values('rxforce.window.used', 'rxforce.part')).to.deep.equal({
      outstanding: 10,
      unsettled: 3,
      uncommitted: 2,
    });
    report({ type: 'closed' }, { subscription: 2 });
    expect(states()).to.include({ live: 0, closed: 1 });
    expect(values('rxforce.window.used', 'rxforce.part')).to.deep.equal({
      outstanding: 0,
      unsettled: 0,
      uncommitted: 0,
    });
  });

  it('say why streams were opened again', () => {
    const { report, values } = reporting();
    report(CONNECTING);
    report({ type: 'waiting', attempt: 1, delayMs: 5, cause: broken });
    report(CONNECTING);
    report({ type: 'waiting', attempt: 1, delayMs: 5, cause: undefined });
    report(CONNECTING);
    report({ type: 'parked' });
    report(CONNECTING);
    const opened = values('rxforce.streams.opened', 'error.type');
    expect(opened).to.deep.equal({ '': 2, connection: 1, 'stream-ended': 1 });
  });

  it('count what endangers events', () => {
    const { report, values, sink } = reporting();
    report(CONNECTING);
    expect(values('rxforce.replay.resets', 'rxforce.policy')).to.deep.equal({ earliest: 0, latest: 0, committed: 0 });
    report({ type: 'replayReset', from: AT, policy: 'earliest' });
    report({ type: 'undecodable', replayId: AT, schemaId: 'schema-1' });
    report({ type: 'settledEarly', replayId: AT, beside: 'alone' });
    report({ type: 'commitFailed', attempt: 1, delayMs: 5, tookMs: 20, cause: new ReplayStoreError('down') });
    report({ type: 'pressure', ...FIGURES });
    report({ type: 'commitGap', replayId: AT, ageMs: 61_500, eventsBehind: 4 });
    expect(values('rxforce.replay.resets', 'rxforce.policy')).to.include({ earliest: 1 });
    expect(values('rxforce.settled_early', 'rxforce.beside')).to.deep.equal({ alone: 1 });
    expect(values('rxforce.commit.failures', 'error.type')).to.deep.equal({ 'replay-store': 1 });
    const failed = `${OF},error.type=replay-store,messaging.operation.name=commit`;
    expect(sink.series('messaging.client.operation.duration')).to.deep.equal([
      `messaging.client.operation.duration{${failed}} 0.02`,
    ]);
    for (const [instrument, value] of [
      ['rxforce.events.undecodable', 1],
      ['rxforce.pressure', 1],
      ['rxforce.commit.gap', 61.5],
    ] as const) {
      expect(sink.series(instrument)).to.deep.equal([`${instrument}{${OF}} ${value}`]);
    }
  });

  it('say when a position was saved last, and how long that took', () => {
    const { report, sink } = reporting();
    report({ type: 'commitGap', replayId: AT, ageMs: 61_500, eventsBehind: 4 });

    report({ type: 'committed', position: AT, events: 4, tookMs: 25 });
    expect(sink.series()).to.deep.equal([
      `messaging.client.operation.duration{${OF},messaging.operation.name=commit} 0.025`,
      `rxforce.commit.gap{${OF}} 0`,
      `rxforce.commit.time{${OF}} 1700000000`,
    ]);
  });

  it('count the records that a snapshot reads, and not those that were read before', () => {
    const { report, values } = reporting();
    const told = (phase: 'waiting' | 'reading' | 'done', rows: number, entity = 'Lead') =>
      report({ type: 'snapshot', phase, entity, rows, of: undefined });
    const rows = () => values('rxforce.snapshot.rows', 'rxforce.entity');
    told('waiting', 0);
    expect(rows()).to.deep.equal({});
    told('reading', 100);
    told('reading', 300);
    told('done', 320);
    expect(rows()).to.deep.equal({ Lead: 220 });
    // Everything is read again, and once more from the beginning.
    told('reading', 0);
    told('reading', 200);
    told('reading', 50);
    told('done', 0);
    // What a page brings that begins anew is the new beginning.
    expect(rows()).to.deep.equal({ Lead: 420 });
    for (let index = 0; index < 120; index++) {
      told('reading', 0, `Made${index}__c`);
      told('reading', 1, `Made${index}__c`);
    }
    expect(Object.keys(rows())).to.have.length(101);
    expect(rows()).to.include({ other: 21 });
  });

  it('are those of one topic, when they are of partitions of a log', () => {
    const { sink, status$ } = reporting();
    for (const partition of [3, 7]) {
      const of = { topic: `${TOPIC}#${partition}`, subscription: partition, name: 'leads' };
      status$.next({ type: 'requested', numRequested: 10, ...FIGURES, ...of });
      status$.next({ ...CONNECTING, ...of });
      status$.next({ type: 'live', ...of });
      status$.next({ type: 'requested', numRequested: 10, ...FIGURES, ...of });
    }
    const live = sink.series('rxforce.subscription.state').find((line) => line.includes('rxforce.state=live'));
    expect(live).to.match(/destination\.name=\/data\/LeadChangeEvent,.*} 2$/);
    expect(sink.series('rxforce.window.size')).to.deep.equal([`rxforce.window.size{${OF}} 40`]);
  });

  it('say that one partition is held up, though others commit', () => {
    const { sink, status$ } = reporting();
    const of = (partition: number) => ({ topic: `${TOPIC}#${partition}`, subscription: partition, name: 'leads' });
    const gap = () => sink.series('rxforce.commit.gap').map((line) => Number(line.split(' ').at(-1)));
    for (const partition of [3, 7]) status$.next({ ...CONNECTING, ...of(partition) });
    status$.next({ type: 'commitGap', replayId: AT, ageMs: 1_200_000, eventsBehind: 3, ...of(3) });
    status$.next({ type: 'committed', position: AT, events: 1, tookMs: 1, ...of(7) });
    expect(gap()).to.deep.equal([1_200]);
    status$.next({ type: 'closed', ...of(3) });
    expect(gap()).to.deep.equal([0]);
  });

  it('are only those of snapshots, when nothing else is wanted', () => {
    const sink = keptMetrics();
    const status$ = new Subject<ObservedStatus>();
    observeStatuses({ status$ }, sink, { only: 'snapshots' });
    const of = { topic: TOPIC, subscription: 1, name: 'leads' };
    status$.next({ ...CONNECTING, ...of });
    status$.next({ type: 'snapshot', phase: 'reading', entity: 'Lead', rows: 0, of: undefined, ...of });
    status$.next({ type: 'snapshot', phase: 'reading', entity: 'Lead', rows: 9, of: undefined, ...of });
    expect(sink.series('rxforce.streams.opened')).to.deep.equal([]);
    expect(sink.series('rxforce.snapshot.rows')).to.have.length(1);
  });

  it('say who has the lease', () => {
    const { report, sink } = reporting();
    const held = () => sink.series('rxforce.lease.held').map((line) => line.split(' ').at(-1));
    report({ type: 'standby' });
    expect(held()).to.deep.equal([]);
    report({ type: 'acquired', token: 7 });
    expect(held()).to.deep.equal(['1']);
    report({ type: 'lost' });
    expect(held()).to.deep.equal(['0']);
    report({ type: 'acquired', token: 8 });
    report({ type: 'closed' });
    expect(held()).to.deep.equal(['0']);
  });

  it('count each attempt to publish an event once', () => {
    const { report, values, sink } = reporting();
    report({ type: 'published', events: 5, failed: 2, tookMs: 40 }, PUBLISHER);
    report({ type: 'refused', cause: new PublishError('refused', 'no', { eventId: 'a-1' }) }, PUBLISHER);
    report({ type: 'refused', cause: new PublishError('refused', 'no', { eventId: 'a-2' }) }, PUBLISHER);
    report({ type: 'refused', cause: new PublishError('invalid', 'no', { eventId: 'a-3' }) }, PUBLISHER);
    expect(values('messaging.client.sent.messages', 'error.type')).to.deep.equal({ '': 5, refused: 2, invalid: 1 });
    expect(sink.series('messaging.client.operation.duration')[0]).to.match(/operation\.name=publish} 0\.04$/);
    expect(sink.series('rxforce.subscription.state')).to.deep.equal([]);
  });

  it('count logins, with the reason where one failed', () => {
    const { status$, values } = reporting();
    const login = (cause: LoginStatus['cause']) =>
      status$.next({ type: 'login', ok: cause === undefined, tookMs: 5, cause });
    login(undefined);
    login(undefined);
    login(broken);
    login(new AuthenticationError('no', { reason: 'ip-restricted' }));
    login(new AuthenticationError('no'));
    expect(values('rxforce.logins', 'error.type')).to.deep.equal({
      '': 2,
      connection: 1,
      'ip-restricted': 1,
      authentication: 1,
    });
  });

  it('have the org that mergeOrgs gives them', () => {
    const { report, status$, sink } = reporting();
    report({ type: 'undecodable', replayId: AT, schemaId: 's' }, { org: 'emea' });
    status$.next({ type: 'orgFailed', org: 'amer' });
    status$.next({ type: 'login', ok: true, tookMs: 1, cause: undefined, org: 'amer' });
    expect(sink.series()).to.deep.equal([
      `rxforce.events.undecodable{rxforce.org=emea,${OF}} 1`,
      'rxforce.logins{rxforce.org=amer} 1',
    ]);
  });

  it('make no attributes for what was measured before', () => {
    const { report, sink } = reporting();
    const again = () => {
      report({ type: 'received', events: 3, ...FIGURES });
      report({ type: 'requested', numRequested: 3, ...FIGURES });
      report({ type: 'committed', position: AT, events: 4, tookMs: 25 });
    };
    report(CONNECTING);
    again();
    const { size } = sink.attributeObjects;
    for (let turn = 0; turn < 100; turn++) again();
    expect(sink.attributeObjects.size).to.equal(size);
  });

  it('are measured until the client is closed', () => {
    const { status$, subscription } = reporting();
    expect(status$.observed).to.equal(true);
    status$.complete();
    expect(subscription.closed).to.equal(true);
  });
});
