import type { FaultContext } from './fault-context.js';
import { type Checks, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';

/** Which transactions are reported in another way. */
export interface ReportOptions {
  /**
   * API name of an object. It selects transactions that change records of this object, and maybe of others.
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

/** Which transactions overflow, and after how many changes. */
export interface OverflowOptions extends ReportOptions {
  /**
   * How many changes still get events of their own; at least 0. Each field that an update changes counts as one.
   *
   * @defaultValue 0
   */
  readonly after?: number;
}

/**
 * Faults of change events. All throw a `ConfigurationError` for options that are not valid, including an unknown
 * object.
 */
export interface ChangeFaults {
  /**
   * Reports the next transactions as gap events, which say that these records were created, updated, deleted or
   * undeleted, but nothing of their fields. A change through the REST API is a transaction, and so is a single method
   * call on `org`.
   */
  sendGaps(options?: ReportOptions): void;
  /**
   * Reports the next transactions as if they had too many changes: one GAP_OVERFLOW event for each object, which does
   * not say what happened to which record.
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
