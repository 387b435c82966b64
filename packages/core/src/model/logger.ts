/**
 * Where rxforce writes what somebody should read. `console` and most loggers fit as they are. What a logger throws, or rejects
 * with, is reported to `console` once, and changes nothing else.
 */
export interface Logger {
  /** Something is wrong, and goes on. */
  warn(message: string): void;
}
