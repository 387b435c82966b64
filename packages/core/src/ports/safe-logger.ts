import { kindOf } from '../model/answer.js';
import { ConfigurationError } from '../model/errors.js';
import { plainText } from '../model/plain-text.js';
import type { Logger } from './logger.js';

/** Whatever a service or a peer says in a warning, it is one line. */
const MOST_CHARACTERS = 4_000;

/** Reports to the console. */
export const CONSOLE: Logger = { warn: (message) => console.warn(plainText(message, MOST_CHARACTERS)) };

/**
 * The logger that was given as an option, checked and safe to call; the console, where none was.
 *
 * @throws `ConfigurationError` when it is no logger.
 */
export function resolveLogger(logger: Logger = CONSOLE): Logger {
  if (typeof (logger as Partial<Logger> | null)?.warn !== 'function') {
    throw new ConfigurationError('logger must have a function warn(message), as console and most loggers do.');
  }
  return logger === CONSOLE ? CONSOLE : safeLogger(logger);
}

/**
 * Makes a logger that is safe to call at any moment. Errors that the user's logger throws or rejects with never reach
 * the caller. The first such failure is reported, together with the warning that would have been lost.
 *
 * @param fallback - Where to report it.
 */
export function safeLogger(logger: Logger, fallback: Logger = CONSOLE): Logger {
  let reported = false;
  const failed = (message: string, thrown: unknown) => {
    if (reported) return;
    reported = true;
    try {
      fallback.warn(
        `The logger failed (${reasonOf(thrown)}), and its further failures are not told. It was to warn: ${message}`,
      );
    } catch {
      // There is nobody left to report to.
    }
  };
  return {
    warn: (message) => {
      try {
        // Some loggers are asynchronous, whatever their type says.
        const written: unknown = logger.warn(plainText(message, MOST_CHARACTERS));
        if (isThenable(written)) void written.then(undefined, (thrown: unknown) => failed(message, thrown));
      } catch (thrown) {
        failed(message, thrown);
      }
    },
  };
}

/** What is thrown may be anything: an object without a prototype has no text. */
function reasonOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  return thrown instanceof Error ? thrown.message : kindOf(thrown);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
