import type { ReplayOptions, PositionKey, ReplayStore, StreamPosition, SubscribeOptions } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import { checkCount, checkFunction, checkWait } from '@rxforce/core/internal';
import { TOLERANCE_MS, type KnownRowsRules } from './known-rows.js';

/** Where a subscription to records and changes keeps its position, and what follows where that is lost. */
export interface RecordsReplayOptions extends Omit<ReplayOptions, 'onInvalid'> {
  /**
   * As for `changes()` of a client, or `'snapshot'`: where the service does not know the position any more, all records
   * are read again before the events from then on. It is the only answer that misses nothing.
   *
   * @defaultValue `'fail'`
   */
  readonly onInvalid?: ReplayOptions['onInvalid'] | 'snapshot';
}

/** How records are read before their changes. */
export interface RecordsChangesOptions extends Omit<SubscribeOptions, 'replay' | 'fields'> {
  /**
   * Where the position is kept, and how far the records were read, under the name `NAME:snapshot`. Without a store,
   * both are kept while the Observable lives, and a new process reads all records again.
   */
  readonly replay?: RecordsReplayOptions;
  /**
   * The topic of the changes, such as a channel of several objects.
   *
   * @defaultValue the topic of the object's own changes
   */
  readonly topic?: string;
  /**
   * Most records delivered and not settled at any time, from 1.
   *
   * @defaultValue 500
   */
  readonly rowWindow?: number;
  /**
   * Most records remembered, from 0, to drop events that are older than the record that was read. With fewer, old
   * values may show for a moment; the result is the same.
   *
   * @defaultValue 1_000_000
   */
  readonly maxRemembered?: number;
  /**
   * Whether the values of these records are remembered, too, to drop events that change nothing of them.
   *
   * @defaultValue true
   */
  readonly compareValues?: boolean;
  /**
   * How old the answers of queries may be, in milliseconds, from 0. Records are first read this long after the position
   * is known. Otherwise an answer could lack changes from before the position, whose events do not come.
   *
   * @defaultValue 10_000
   */
  readonly queryLagMs?: number;
  /**
   * Called once all records of an object were read and settled, and waited for before any event passes. Remove here
   * what is left over from before: what was not seen since `startedAt`, in epoch milliseconds. It may be called again
   * after a crash.
   */
  readonly onRead?: (entity: string, startedAt: number) => unknown;
}

/** {@link RecordsChangesOptions}, checked, with the defaults filled in. */
export interface ResolvedChanges {
  readonly topic: string;
  readonly store: ReplayStore;
  /** Whether the store was given, and outlives the Observable. */
  readonly isKept: boolean;
  readonly name: string;
  /** Whether a lost position is answered by reading everything again. */
  readonly readsAgain: boolean;
  readonly rowWindow: number;
  readonly known: KnownRowsRules;
  readonly queryLagMs: number;
  readonly onRead: (entity: string, startedAt: number) => unknown;
  /** The options of the stream of changes. */
  readonly subscribe: SubscribeOptions;
}

/**
 * Checks the options of this package, and separates them from those of the client, which checks its own.
 *
 * @param entities - The objects that are read.
 * @param fields - The fields that are decoded; all by default.
 * @throws `ConfigurationError` when one is out of its range.
 */
export function resolveChanges(
  entities: readonly string[],
  options: RecordsChangesOptions,
  fields?: readonly string[],
): ResolvedChanges {
  const { replay = {}, topic, rowWindow = 500, maxRemembered = 1_000_000, compareValues = true, ...rest } = options;
  const { onRead = () => undefined, queryLagMs = 10_000, ...subscribe } = rest;
  if (topic === undefined && entities.length > 1) {
    throw new ConfigurationError(
      `The changes of ${entities.join(', ')} need the topic that has all of them: pass topic: '/data/ChangeEvents', or the ` +
        'name of a channel.',
    );
  }
  const { store = storeOfOne(), name = 'default', onInvalid = 'fail' } = replay;
  const readsAgain = onInvalid === 'snapshot';
  return {
    ...{ topic: topic ?? entities[0] ?? '', store, name, readsAgain, isKept: replay.store !== undefined },
    rowWindow: checkCount('changes() got rowWindow', rowWindow, 1),
    known: {
      most: checkCount('changes() got maxRemembered', maxRemembered, 0),
      values: compareValues,
      toleranceMs: TOLERANCE_MS,
    },
    queryLagMs: checkWait('changes() got queryLagMs', queryLagMs),
    onRead: checkFunction('changes() got onRead', onRead),
    subscribe: {
      ...(fields && { fields }),
      ...subscribe,
      replay: { ...replay, store, name, onInvalid: onInvalid === 'snapshot' ? 'fail' : onInvalid },
    },
  };
}

/** A store for the subscriptions of one Observable, which follow each other. */
function storeOfOne(): ReplayStore {
  const positions = new Map<string, StreamPosition>();
  const idOf = ({ topic, name }: PositionKey) => JSON.stringify([topic, name]);
  return {
    load: (key) => Promise.resolve(positions.get(idOf(key))),
    save: (key, position) => {
      positions.set(idOf(key), position);
      return Promise.resolve();
    },
  };
}
