/** Where rxforce writes what somebody should read. Most loggers fit as they are. */
export interface Logger {
  debug(message: string): void;
  warn(message: string): void;
}
