import type { FaultContext } from './fault-context.js';
import { type Checks, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';

/** Which transactions are reported in another way. */
export interface ReportOptions {
  /**
   * API name of an object: transactions that change records of it, and maybe others.
   *
   * @defaultValue Any object.
   */
  readonly entity?: string;
  /**
   * How many transactions; at least 1.
   *
   * @defaultValue 1
   */
  readonly times?: number;
}

/** Which transactions overflow, and how far they get. */
export interface OverflowOptions extends ReportOptions {
  /**
   * How many changes still have events of their own; at least 0. Each field that an update changes is one.
   *
   * @defaultValue 0
   */
  readonly after?: number;
}

/** Faults of change events. All throw a `ConfigurationError` for options that are not valid, an unknown object included. */
export interface ChangeFaults {
  /**
   * Reports the next transactions by gap events: that these records were created, updated, deleted or undeleted, and
   * nothing of their fields. A change by the REST API is a transaction, and so is a method of `org` called by itself.
   */
  sendGaps(options?: ReportOptions): void;
  /**
   * Reports the next transactions as if they had too many changes: one GAP_OVERFLOW event for each object, which does
   * not say what became of which record.
   */
  sendOverflow(options?: OverflowOptions): void;
}

const REPORT_OPTIONS: Checks<ReportOptions> = { entity: optional(text), times: optional(wholeNumber(1)) };

const OVERFLOW_OPTIONS: Checks<OverflowOptions> = { ...REPORT_OPTIONS, after: optional(wholeNumber(0)) };

/** Makes the faults of change events. */
export function changeFaults({ org, reports }: FaultContext): ChangeFaults {
  const nameOf = (entity: string | undefined) => (entity === undefined ? undefined : org.entityDefinition(entity).name);
  return {
    sendGaps: (options = {}) => {
      const { entity, times = 1 } = readOptions('sendGaps', options, REPORT_OPTIONS);
      reports.plan({ asGaps: true }, nameOf(entity), times);
    },
    sendOverflow: (options = {}) => {
      const { entity, times = 1, after = 0 } = readOptions('sendOverflow', options, OVERFLOW_OPTIONS);
      reports.plan({ maxChanges: after }, nameOf(entity), times);
    },
  };
}
