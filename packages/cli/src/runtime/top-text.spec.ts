import { expect } from 'chai';
import type { LiveReading, LiveSubscription } from '@rxforce/live-page';
import { topText } from './top-text.js';

const none = Array.from({ length: 60 }, () => 0);
const subscription = (changes: Partial<LiveSubscription>): LiveSubscription => ({
  ...{ key: '#1', org: null, topic: '/data/AccountChangeEvent', name: 'sync', state: 'live', since: 0, reason: null },
  ...{ heldUpBy: null, troubleSince: null },
  ...{ nextTryAt: null, receivedPerSecond: 12.5, settledPerSecond: 3, history: { received: none, settled: none } },
  ...{ window: { outstanding: 5, unsettled: 20, uncommitted: 3, free: 72, size: 100 }, lagMs: 1_000, clearsInMs: null },
  ...{ lastCommitAt: 58_000, position: null, lastResponseAt: null, role: null },
  ...changes,
});
const reading = (subscriptions: readonly LiveSubscription[]): LiveReading => ({
  ...{ at: 60_000, startedAt: 0, snapshots: [], assignments: [], jobs: [], drain: null, revision: 1, subscriptions },
  clients: [{ org: null, isLog: false, state: 'open', login: { ok: true, at: 0, reason: null }, apiUsage: null }],
  queues: [{ name: 'Account', depth: 2, canRedrive: true }],
  happened: [
    {
      ...{ id: 1, at: 50_000, level: 'warn', type: 'waiting', org: null, name: 'sync', times: 3 },
      ...{ topic: '/data/LeadChangeEvent', text: 'is gone\u001b[2J' },
    },
  ],
});

describe('topText', () => {
  it('is a table, the latest first, with what waits and why below it', () => {
    const full = { outstanding: 0, unsettled: 100, uncommitted: 0, free: 0, size: 100 };
    const late = subscription({
      ...{ topic: '/data/LeadChangeEvent', state: 'waiting', reason: '14 UNAVAILABLE', lagMs: 400_000 },
      ...{ clearsInMs: 240_000, role: 'active', window: full },
    });
    expect(topText(reading([subscription({}), late]), { hasColor: false })).to.equal(
      [
        'rxforce at 1970-01-01T00:01:00.000Z  open, logged in',
        '',
        'TOPIC                     NAME  STATE    FOR  RECV/S  DONE/S  WINDOW          LAG  CLEARS IN  COMMIT  LEASE',
        '/data/LeadChangeEvent     sync  waiting  1m   12.5    3       100+0/100 full  6m   ~4m        2s ago  active',
        '/data/AccountChangeEvent  sync  live     1m   12.5    3       20+3/100        1s   -          2s ago  -',
        '',
        '/data/LeadChangeEvent: 14 UNAVAILABLE',
        '',
        'dead letters: Account 2',
        '',
        '00:00:50 warn  /data/LeadChangeEvent is gone [2J (3 times)',
        '',
      ].join('\n'),
    );
  });

  it('says which part of a log is for this process, and how far work on letters is', () => {
    const share = { member: 'one', partitions: [0, 2] };
    const running = { id: 1, kind: 'redrive', queue: 'crm', state: 'running', reason: null } as const;
    const text = topText(
      {
        ...reading([]),
        assignments: [
          {
            ...{ key: '#1', org: null, topic: '/data/LeadChangeEvent', name: 'sync', partitions: [0, 2], of: 8 },
            ...{ members: 3, member: 'one', shares: [share], at: 0, handovers: 1 },
          },
        ],
        jobs: [
          { ...running, of: 120, done: 40, failed: 2, startedAt: 0, endedAt: null },
          { ...running, id: 2, state: 'done', of: 7, done: 7, failed: 0, startedAt: 0, endedAt: 1 },
        ],
      },
      { hasColor: false },
    );
    expect(text.split('\n')).to.include.members([
      '/data/LeadChangeEvent: 2 of 8 partitions are for this process, of 3 members',
      'redrive of crm: 40 of about 120, 2 failed again',
    ]);
    expect(text).to.not.include('7 of');
  });

  it('says once what holds subscriptions up beside their streams, and knows processes that do not say it', () => {
    const heldUpBy = 'The sink hook has taken nothing of AccountChangeEvent for 42 s, and its events wait.';
    const older: Partial<LiveSubscription> = subscription({ topic: '/data/LeadChangeEvent' });
    delete (older as { heldUpBy?: unknown }).heldUpBy;
    const rows = [subscription({ heldUpBy }), subscription({ key: '#2', heldUpBy }), older as LiveSubscription];
    const text = topText(reading(rows), { hasColor: false });
    expect(text.split('\n').filter((line) => line.includes('hook'))).to.deep.equal([heldUpBy]);
    expect(topText(reading(rows), { hasColor: true })).to.include('\u001b[33m/data/AccountChangeEvent');
  });

  it('says for how long a subscription has tried to read, and not since its last attempt', () => {
    const tries = subscription({ state: 'connecting', since: 59_000, troubleSince: 30_000 });
    const older: Partial<LiveSubscription> = subscription({ topic: '/data/LeadChangeEvent', since: 50_000 });
    delete (older as { troubleSince?: unknown }).troubleSince;
    const text = topText(reading([tries, older as LiveSubscription]), { hasColor: false });
    expect(text)
      .to.match(/connecting +30s/)
      .and.match(/live +10s/);
  });

  it('begins with those that have failed, and those that read nothing, as nobody knows their lag', () => {
    const rows = [
      subscription({ topic: '/data/Live', lagMs: 5_000 }),
      subscription({ topic: '/data/Tries', state: 'connecting', lagMs: null }),
      subscription({ topic: '/data/Failed', state: 'failed', lagMs: null }),
      subscription({ topic: '/data/Later', lagMs: 9_000 }),
    ];
    const text = topText(reading(rows), { hasColor: false });
    expect(text.match(/^\/data\/\w+ /gm)?.join('')).to.equal('/data/Failed /data/Tries /data/Later /data/Live ');
  });

  it('keeps to the height of a screen, and counts the rows that do not fit', () => {
    const rows = Array.from({ length: 40 }, (_, index) =>
      subscription({ topic: `/data/A${index + 10}`, state: index === 39 ? 'parked' : 'live' }),
    );
    const drawn = (height: number, width?: number) =>
      topText(reading(rows), { hasColor: true, height, ...(width !== undefined && { width }) });
    expect(drawn(24).split('\n')).to.have.length(25);
    expect(drawn(24)).to.include('\u001b[32m/data/A25').and.include('\nand 24 more: 23 live, 1 parked\n');
    expect(drawn(24)).to.include('dead letters').and.include('is gone').and.not.include('/data/A26');
    // Each row takes two lines of a narrow screen, and so does the head.
    expect(drawn(24, 60)).to.include('\nand 33 more: ');
    expect(drawn(3)).to.include('/data/A10').and.include('\nand 39 more: ');
    expect(drawn(47)).to.include('/data/A49').and.not.include(' more: ');
    expect(drawn(46)).to.include('\nand 2 more: ');
  });

  it('says once why several subscriptions wait, and names the queues that have letters', () => {
    const queue = (name: string, depth: number | null) => ({ name, depth, canRedrive: true });
    const reason = '14 UNAVAILABLE';
    const rows = ['/data/A', '/data/B', '/data/C'].map((topic) => subscription({ topic, state: 'waiting', reason }));
    const text = topText(
      { ...reading(rows), queues: [queue('A', 0), queue('B', 3), queue('C', null)] },
      { hasColor: false },
    );
    expect(text).to.include('\n/data/A and 2 more: 14 UNAVAILABLE\n').and.include('\ndead letters: B 3, C …\n');
    const none = topText({ ...reading([]), queues: [queue('A', 0)] }, { hasColor: false });
    expect(none).to.include('\ndead letters: none\n');
  });

  it('is in colours only where they are wanted', () => {
    const text = topText(reading([subscription({})]), { hasColor: true });
    expect(text).to.include('\u001b[32m/data/AccountChangeEvent').and.include('\u001b[1mTOPIC');
  });

  it('shows that a row has failed or is late, also where it is held up', () => {
    const heldUpBy = 'The sink hook has taken nothing.';
    const failed = subscription({ topic: '/data/LeadChangeEvent', state: 'failed', heldUpBy });
    const late = subscription({ topic: '/data/OrderChangeEvent', lagMs: 400_000, heldUpBy });
    const text = topText(reading([failed, late, subscription({ heldUpBy })]), { hasColor: true });
    expect(text).to.include('\u001b[31m/data/LeadChangeEvent').and.include('\u001b[31m/data/OrderChangeEvent');
    expect(text).to.include('\u001b[33m/data/AccountChangeEvent');
  });

  it('cuts the lines below the table at the width of the terminal', () => {
    const lines = topText(reading([]), { hasColor: false, width: 30 }).split('\n');
    expect(lines.at(-2)).to.equal('00:00:50 warn  /data/LeadChan…');
  });
});
