import type { EventLog } from '../ports/event-log.js';
import { contractCases, type ContractCase } from './contract.js';
import { CASES_OF_APPENDING } from './event-log-append-cases.js';
import type { EventLogSettings } from './event-log-parts.js';
import { CASES_OF_DROPPED, CASES_OF_FAILURES, CASES_OF_READING } from './event-log-read-cases.js';

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
  const { open, reopen, dispose, fail } = options;
  const openBoth = (settings: EventLogSettings) => async () => {
    const log = await open(settings);
    return { log, again: await reopen(log, settings), settings, fail: async () => fail?.() };
  };
  return [
    ...contractCases({ ...CASES_OF_APPENDING, ...CASES_OF_READING }, openBoth(SETTINGS), dispose),
    ...contractCases(CASES_OF_DROPPED, openBoth(FEW), dispose),
    ...(fail ? contractCases(CASES_OF_FAILURES, openBoth(SETTINGS), dispose) : []),
  ];
}
