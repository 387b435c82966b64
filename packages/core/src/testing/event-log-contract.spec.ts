import { expect } from 'chai';
import { filter, map, NEVER } from 'rxjs';
import type { EventLog } from '../ports/event-log.js';
import { eventLogContract, type EventLogContractOptions } from './event-log-contract.js';
import { SteppedTime } from '../../test/support/stepped-time.js';
import { memoryEventLog, type MemoryEventLog } from './memory-event-log.js';

/** A log that brings nothing at all makes a case wait without end: the case of a good one is over much sooner. */
const HUNG_MS = 5_000;

/** Virtual time that begins now, as logs say when entries were appended. */
function timeFromNow(): SteppedTime {
  const time = new SteppedTime();
  time.frame = Date.now();
  return time;
}

/** Runs a case in virtual time. */
async function runIn(time: SteppedTime, run: () => Promise<void>): Promise<void> {
  const state = { isOver: false };
  const running = run().finally(() => (state.isOver = true));
  running.catch(() => undefined);
  for (const end = time.now() + HUNG_MS; time.now() < end; await time.pass(50)) {
    if (state.isOver) return running;
  }
  throw new Error('It hangs.');
}

let numbers = 0;

/** A number that none had before. */
const nextNumber = () => ++numbers;

/** The cases of these names that a log fails, whose objects are changed in this way. */
async function failedBy(
  change: (good: MemoryEventLog) => Partial<EventLog>,
  names: RegExp,
  options: Pick<EventLogContractOptions, 'fences'> = {},
): Promise<string[]> {
  const time = timeFromNow();
  const changed = (good: MemoryEventLog) => ({ ...good, ...change(good) });
  const cases = eventLogContract({
    ...options,
    open: (settings) => changed(memoryEventLog({ ...settings, scheduler: time })),
    reopen: (log) => changed((log as MemoryEventLog).again()),
  });
  const failed: string[] = [];
  for (const { name, run } of cases.filter((each) => names.test(each.name))) {
    await runIn(time, run).catch(() => failed.push(name));
  }
  return failed;
}

describe('eventLogContract', function () {
  this.timeout(60_000);

  describe('of memoryEventLog', () => {
    const time = timeFromNow();
    const cases = eventLogContract({
      open: (settings) => memoryEventLog({ ...settings, scheduler: time }),
      reopen: (log) => (log as MemoryEventLog).again(),
    });
    for (const { name, run } of cases) it(name, () => runIn(time, run));
  });

  const broken: [string, (good: EventLog) => Partial<EventLog>, RegExp][] = [
    [
      'adds everything again',
      (good) => ({
        append: (topic, entries, fence) =>
          good.append(
            topic,
            entries.map((entry) => ({ ...entry, id: `${entry.id} ${nextNumber()}` })),
            fence,
          ),
      }),
      /appended again/,
    ],
    [
      'turns batches round',
      (good) => ({ append: (topic, entries, fence) => good.append(topic, [...entries].reverse(), fence) }),
      /order of a partition/,
    ],
    ['knows no fence', (good) => ({ append: (topic, entries) => good.append(topic, entries) }), /smaller fence/],
    [
      'says that nothing is durable',
      (good) => ({ append: async (...given) => (await good.append(...given)) * 0 }),
      /over many calls/,
    ],
    [
      'resolves with what it was given',
      () => ({ append: (_topic, entries) => Promise.resolve(entries.length) }),
      /as they were/,
    ],
    [
      'loses headers',
      (good) => ({
        append: (topic, entries, fence) =>
          good.append(
            topic,
            entries.map(({ headers: _headers, ...entry }) => entry),
            fence,
          ),
      }),
      /as they were appended/,
    ],
    [
      'says nothing, when nothing comes',
      (good) => ({
        read: (start, demand) => good.read(start, demand).pipe(filter(({ entries }) => entries.length > 0)),
      }),
      /when nothing/,
    ],
    [
      'always has a latest position',
      (good) => ({
        read: (start, demand) =>
          good.read(start, demand).pipe(map(({ entries }) => ({ entries, latest: entries.at(-1)?.position }))),
      }),
      /responses without entries/,
    ],
    [
      'begins anew, when a position is gone',
      (good) => ({
        read: (start, demand) => good.read({ ...start, from: start.from === 'latest' ? 'latest' : 'earliest' }, demand),
      }),
      /replay-id-invalid/,
    ],
    ['keeps the last schema', (good) => ({ putSchema: () => good.putSchema('one', '{}') }), /put there first/],
    [
      'is another log for each',
      () => ({ open: () => Promise.resolve({ id: String(nextNumber()), partitions: 4 }) }),
      /all who open/,
    ],
    [
      'does not tell what it has dropped before its oldest',
      (good) => ({ read: (start, demand) => good.read(start, demand).pipe(map(({ dropped: _, ...rest }) => rest)) }),
      /dropped before the oldest/,
    ],
    [
      'tells it in each response',
      (good) => ({
        read: (start, demand) => good.read(start, demand).pipe(map((response) => ({ ...response, dropped: 7 }))),
      }),
      /dropped before the oldest/,
    ],
    ['does not know its groups', () => ({ reached: () => Promise.resolve() }), /drops unread/],
    ['tells nothing of what it drops', () => ({ dropped$: NEVER }), /drops unread/],
    ['tells no lag', () => ({ lag: () => Promise.resolve({ events: 0, oldestAt: 0 }) }), /how far/],
  ];
  for (const [what, change, expected] of broken) {
    it(`fails a log that ${what}`, async () => {
      expect(await failedBy(change, expected)).not.to.deep.equal([]);
    });
  }

  describe('of a log that compares no fences', () => {
    /** Each call is one of a new writer, who knows nothing. */
    const fenceless = (good: MemoryEventLog): Partial<EventLog> => ({
      append: (topic, entries) => good.again().append(topic, entries),
    });
    const inTurns = /in turns|comes again/;

    it('passes one that has each entry once', async () => {
      expect(await failedBy(fenceless, inTurns, { fences: false })).to.deep.equal([]);
    });

    it('fails one that has entries twice', async () => {
      const twice = (good: MemoryEventLog): Partial<EventLog> => ({
        append: (topic, entries) => {
          const others = entries.map((entry) => ({ ...entry, id: `${entry.id} ${nextNumber()}` }));
          return good.again().append(topic, others);
        },
      });
      expect(await failedBy(twice, inTurns, { fences: false })).to.have.length(2);
    });

    it('leaves out the cases of fences, and those of dropped entries', () => {
      const open = () => memoryEventLog();
      const names = (options: object) => eventLogContract({ open, reopen: open, ...options }).map(({ name }) => name);
      const left = names({ fences: false, dropsByCount: false });
      expect(names({}).filter((name) => !left.includes(name))).to.have.length(10);
      expect(left.join()).not.to.match(/smaller fence|dropped/);
    });
  });
});
