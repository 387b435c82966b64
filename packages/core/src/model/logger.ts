/**
 * The destination of rxforce's warnings. `console` and most loggers fit as they are. An error that a logger throws or
 * rejects with is reported to `console` once, and changes nothing else.
 */
export interface Logger {
  /** Something is wrong, but rxforce continues. */
  warn(message: string): void;
}
