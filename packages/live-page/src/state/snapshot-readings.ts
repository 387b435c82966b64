import type { SubscriptionStatus } from '@rxforce/core';
import type { LiveSnapshot } from './live-reading.js';
import { Rate } from './rate.js';

/** A status of a reading of records. */
export type SnapshotStatus = Extract<SubscriptionStatus, { readonly type: 'snapshot' }>;

/** One object of a reading. */
type ReadObject = Omit<LiveSnapshot, 'rowsPerSecond'> & { readonly rate: Rate };

/** The objects of one stream, and the one that was told of last. */
interface Reading {
  readonly objects: ReadonlyMap<string, ReadObject>;
  readonly last: Pick<SnapshotStatus, 'entity' | 'phase'>;
}

/** How far records are read before their changes: each object by itself. */
export class SnapshotReadings {
  /** By stream: a reading that is subscribed to again goes on. */
  private readonly readings = new Map<string, Reading>();

  /**
   * A status, at this time in epoch milliseconds.
   *
   * @returns Whether it is worth a line: another object has begun, or another phase.
   */
  next(status: SnapshotStatus, org: string | undefined, at: number): boolean {
    const { topic, name = null, entity, phase, entities = [entity], read } = status;
    const stream = JSON.stringify([org, topic, name]);
    const before = this.readings.get(stream);
    const objects = new Map<string, ReadObject>();
    for (const each of entities) {
      const known = before?.objects.get(each);
      const key = JSON.stringify([org, topic, name, each]);
      const isDone = phase === 'done' || read?.includes(each) === true;
      const now = each === entity ? objectNow(status, known, at) : known;
      objects.set(each, {
        ...(now ?? { ...NOTHING_READ, since: at, at, rate: new Rate() }),
        ...{ key, org: org ?? null, topic, name, entity: each },
        phase: isDone ? 'done' : each === entity ? phase : 'waiting',
      });
    }
    this.readings.set(stream, { objects, last: { entity, phase } });
    return before?.last.entity !== entity || before.last.phase !== phase;
  }

  /** All objects, at this time in epoch milliseconds. */
  read(at: number): readonly LiveSnapshot[] {
    return [...this.readings.values()].flatMap(({ objects }) =>
      [...objects.values()].map(({ rate, ...object }) => ({
        ...object,
        rowsPerSecond: Math.round(rate.perSecond(at)),
      })),
    );
  }
}

const NOTHING_READ = { rows: 0, of: null, settled: null, cursor: null } as const;

/** The object that a status is of, but for its names and its phase. */
function objectNow(status: SnapshotStatus, known: ReadObject | undefined, at: number) {
  const { phase, rows, of = null, settled = null, cursor = null } = status;
  // Somebody has subscribed again, and nothing is left to be read.
  if (phase === 'done' && known?.phase === 'done') return known;
  const goesOn = known?.phase === 'reading' && phase !== 'waiting';
  const { rate, since } = goesOn ? known : { rate: new Rate(), since: at };
  // The rows of a first status are those of an earlier process.
  rate.add(at, goesOn ? Math.max(0, rows - known.rows) : 0);
  return { rows, of, settled, cursor, since, at, rate };
}
