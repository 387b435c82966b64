/** Where rxforce writes what somebody should read. `console` and most loggers fit as they are. */
export interface Logger {
  /** Something is wrong, and goes on. */
  warn(message: string): void;
}
