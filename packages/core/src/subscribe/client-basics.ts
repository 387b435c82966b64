import { asyncScheduler, type SchedulerLike } from 'rxjs';
import type { StreamEvent } from '../model/events.js';
import type { Logger, LogLevel } from '../ports/logger.js';
import { lineWriter } from '../ports/safe-logger.js';
import { lineOf } from './log-status.js';

/** The options that all clients have. */
interface BasicOptions {
  readonly scheduler?: SchedulerLike;
  readonly logger?: Logger;
  readonly logLevel?: LogLevel;
}

/** What all clients have: a clock, turns, chance, and a log. */
export function clientBasics({ scheduler, logger, logLevel }: BasicOptions) {
  const write = lineWriter(logger, logLevel ?? 'warn');
  return {
    scheduler: scheduler ?? asyncScheduler,
    nextTurn: scheduler
      ? (work: () => void) => void scheduler.schedule(work)
      : (work: () => void) => void setImmediate(work),
    random: Math.random,
    logger: { warn: (message: string) => write('warn', message) },
    ...(logLevel === 'debug' && { logEvent: (event: StreamEvent) => write('debug', ...lineOf(event)) }),
  };
}
