import type { EventLog } from '../ports/event-log.js';
import { contractCases, type ContractCase } from './contract.js';
import { CASES_OF_APPENDING, CASES_OF_FENCES, CASES_WITHOUT_FENCES } from './event-log-append-cases.js';
import type { EventLogSettings } from './event-log-parts.js';
import {
  CASES_OF_DROPPED,
  CASES_OF_FAILURES,
  CASES_OF_READING,
  CASES_OF_TELLING_DROPPED,
} from './event-log-read-cases.js';

/** How to make the logs to test. */
export interface EventLogContractOptions {
  /** Opens a log that holds nothing yet. Called once for each case. */
  readonly open: (settings: EventLogSettings) => Promise<EventLog> | EventLog;
  /** Opens another log over the same data, as another process would. */
  readonly reopen: (log: EventLog, settings: EventLogSettings) => Promise<EventLog> | EventLog;
  /**
   * Makes the engine behind the logs fail. Calls must then reject within some seconds.
   *
   * @defaultValue none: the cases of failures are left out
   */
  readonly fail?: () => Promise<void> | void;
  /**
   * Whether the log compares what writers say with what it has: it refuses a smaller fence, and what would follow a
   * gap. Without it, other cases show that nothing is lost, and that the order is kept, where two writers append in
   * turns.
   *
   * @defaultValue `true`
   */
  readonly fences?: boolean;
  /**
   * Whether the log drops the oldest entries of a partition beyond `maxEntries`. Without it, the cases of dropped
   * entries are left out: test them with entries that are dropped as the engine drops them.
   *
   * @defaultValue `true`
   */
  readonly dropsByCount?: boolean;
  /**
   * Whether a reading that begins at the earliest entry tells how many were dropped before it. Without it, or without
   * `dropsByCount`, that case is left out. Those of `dropped$` run where the log has it.
   *
   * @defaultValue `true`
   */
  readonly tellsDropped?: boolean;
  /** Called at the end of each case. */
  readonly dispose?: () => Promise<void> | void;
}

const SETTINGS: EventLogSettings = { partitions: 4, maxEntries: 100_000, keepaliveMs: 50 };

/** Few entries, so that a case can have some dropped. */
const FEW: EventLogSettings = { ...SETTINGS, maxEntries: 5 };

/**
 * The contract of an event log, for any test runner:
 *
 * ```ts
 * const logs = { open: (settings) => memoryEventLog(settings), reopen: (log) => log.again() };
 * for (const { name, run } of eventLogContract(logs)) it(name, run);
 * ```
 */
export function eventLogContract(options: EventLogContractOptions): readonly ContractCase[] {
  const { open, reopen, dispose, fail, fences = true, dropsByCount = true, tellsDropped = true } = options;
  const openBoth = (settings: EventLogSettings) => async () => {
    const log = await open(settings);
    return { log, again: await reopen(log, settings), settings, fail: async () => fail?.() };
  };
  const ofWriters = { ...CASES_OF_APPENDING, ...(fences ? CASES_OF_FENCES : CASES_WITHOUT_FENCES) };
  const ofDropped = { ...CASES_OF_DROPPED, ...(tellsDropped && CASES_OF_TELLING_DROPPED) };
  return [
    ...contractCases({ ...ofWriters, ...CASES_OF_READING }, openBoth(SETTINGS), dispose),
    ...(dropsByCount ? contractCases(ofDropped, openBoth(FEW), dispose) : []),
    ...(fail ? contractCases(CASES_OF_FAILURES, openBoth(SETTINGS), dispose) : []),
  ];
}
