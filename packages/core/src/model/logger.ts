/** How much a line of a log matters. `debug` least, `error` most. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * What a line of a log is about: topics, names, positions, counts, codes. Never a value of a record, never a secret.
 */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The destination of rxforce's warnings and, with `logLevel`, of its other lines. `console`, pino and most loggers fit
 * as they are; `{ warn }` is enough for warnings. Fields come as the second argument, and for loggers that take them
 * first (pino, bunyan) as the first. An error that a logger throws or rejects with is reported to `console` once, and
 * changes nothing else.
 */
export interface Logger {
  /** Something is wrong, but rxforce continues. */
  warn(message: string, fields?: LogFields): void;
  /** Events may be missing, or something is over for good. Without it, `warn` gets these lines. */
  error?(message: string, fields?: LogFields): void;
  /** Something happened that an operator wants to know. Needed for `logLevel: 'info'` and `'debug'`. */
  info?(message: string, fields?: LogFields): void;
  /** Everything that happens. Needed for `logLevel: 'debug'`. */
  debug?(message: string, fields?: LogFields): void;
}
