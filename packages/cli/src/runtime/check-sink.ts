import { ConfigurationError, plainText, RxforceError } from '@rxforce/core/model';
import { wordsOf } from '../config/setting-words.js';
import { isRetriable, type Sink } from '../sinks/sink.js';

/**
 * Looks whether a sink can be written to. What may pass is no error: events wait for it.
 *
 * @param name - Its name in the configuration.
 * @returns Why it cannot be written to now; `undefined` when it can.
 * @throws rejects with a `ConfigurationError` when it is wrong for good: all events would become dead letters; and with
 * an `AuthenticationError` when the login is refused that it needs.
 */
export async function checkSink(name: string, sink: Sink): Promise<string | undefined> {
  try {
    await sink.check?.();
    return undefined;
  } catch (cause) {
    // The login that a sink may need says by itself what is wrong.
    if (RxforceError.is(cause) && cause.code === 'authentication' && !cause.retriable) throw cause;
    const text = plainText(wordsOf(cause));
    if (!isRetriable(cause)) throw new ConfigurationError(problemOf(name, text), { cause });
    return text;
  }
}

/** A sentence that says so. */
function problemOf(name: string, why: string): string {
  return `The sink ${name} cannot be written to: ${why}`;
}
