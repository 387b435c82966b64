import { kindOf } from '../model/answer.js';
import { ConfigurationError } from '../model/errors.js';
import { plainText } from '../model/plain-text.js';
import type { LogFields, Logger, LogLevel } from './logger.js';

/** Whatever a service or a peer says in a warning, it is one line. */
const MOST_CHARACTERS = 4_000;

/** Reports to the console. */
export const CONSOLE: Logger = {
  warn: (message) => console.warn(plainText(message, MOST_CHARACTERS)),
};

const NO_WARN = 'logger must have a function warn(message), as console and most loggers do.';

/** The levels, from the one that matters least. */
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Writes a line of a level that is on, and nothing else. */
export type WriteLine = (level: LogLevel, message: string, fields?: LogFields) => void;

/**
 * The logger that was given as an option, checked and safe to call; the console, where none was.
 *
 * @throws `ConfigurationError` when it is no logger.
 */
export function resolveLogger(logger: Logger = CONSOLE): Logger {
  checkFunctionOf(logger, 'warn', NO_WARN);
  return logger === CONSOLE ? CONSOLE : safeLogger(logger);
}

/**
 * Makes the function that writes the lines of a client: those of `level` and above.
 *
 * @param logger - As it was given.
 * @throws `ConfigurationError` when there is no such level, or the logger has no function for it.
 */
export function lineWriter(logger: Logger | undefined, level: LogLevel): WriteLine {
  if (!LOG_LEVELS.includes(level)) {
    throw new ConfigurationError(`logLevel is ${level as string}, but must be 'debug', 'info', 'warn' or 'error'.`);
  }
  const target = logger ?? console;
  checkFunctionOf(target, 'warn', NO_WARN);
  for (const name of ['info', 'debug'] as const) {
    if (LOG_LEVELS.indexOf(name) < LOG_LEVELS.indexOf(level)) continue;
    checkFunctionOf(target, name, `logLevel is '${level}', but the logger has no function ${name}(message, fields).`);
  }
  const safe = safeLogger(target);
  return (of, message, fields) => {
    if (LOG_LEVELS.indexOf(of) >= LOG_LEVELS.indexOf(level)) safe[of](message, fields);
  };
}

function checkFunctionOf(logger: unknown, name: keyof Logger, otherwise: string): void {
  if (typeof (logger as Partial<Logger> | null)?.[name] !== 'function') throw new ConfigurationError(otherwise);
}

/**
 * Makes a logger that is safe to call at any moment. Errors that the user's logger throws or rejects with never reach
 * the caller. The first such failure is reported, together with the line that would have been lost.
 *
 * @param fallback - Where to report it.
 */
export function safeLogger(logger: Logger, fallback: Logger = CONSOLE): Required<Logger> {
  let reported = false;
  const failed = (message: string, thrown: unknown) => {
    if (reported) return;
    reported = true;
    try {
      fallback.warn(
        `The logger failed (${reasonOf(thrown)}), and its further failures are not told. It was to write: ${message}`,
      );
    } catch {
      // There is nobody left to report to.
    }
  };
  const write = (level: LogLevel, message: string, fields: LogFields | undefined) => {
    const text = plainText(message, MOST_CHARACTERS);
    try {
      // Some loggers are asynchronous, whatever their type says.
      const written: unknown = call(logger, level, text, fields);
      if (isThenable(written)) void written.then(undefined, (thrown: unknown) => failed(message, thrown));
    } catch (thrown) {
      failed(message, thrown);
    }
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

function call(logger: Logger, level: LogLevel, message: string, fields: LogFields | undefined): unknown {
  const name = level === 'error' && logger.error === undefined ? 'warn' : level;
  const line = fields === undefined ? [message] : takesFieldsFirst(logger) ? [fields, message] : [message, fields];
  return (logger[name] as ((...line: unknown[]) => unknown) | undefined)?.apply(logger, line);
}

/** pino has `bindings()`, bunyan has `fields`, and both make children. Their first argument is the object. */
function takesFieldsFirst(logger: object): boolean {
  const { child, bindings, fields } = logger as { child?: unknown; bindings?: unknown; fields?: unknown };
  return typeof child === 'function' && (typeof bindings === 'function' || typeof fields === 'object');
}

/** What is thrown may be anything: an object without a prototype has no text. */
function reasonOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  return thrown instanceof Error ? thrown.message : kindOf(thrown);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
