import { ConfigurationError, plainText, RxforceError, type Logger } from '@rxforce/core/model';
import { isRetriable, type Sink } from '../sinks/sink.js';

/**
 * Looks whether a sink can be written to, before anything is read for it. What may pass is a warning: events wait for it.
 *
 * @param name - Its name in the configuration.
 * @throws rejects with a `ConfigurationError` when it is wrong for good: all events would become dead letters; and with
 * an `AuthenticationError` when the login is refused that it needs.
 */
export async function checkSink(name: string, sink: Sink, log: Logger): Promise<void> {
  try {
    await sink.check?.();
  } catch (cause) {
    // The login that a sink may need says by itself what is wrong.
    if (RxforceError.is(cause) && cause.code === 'authentication' && !cause.retriable) throw cause;
    const text = plainText(cause instanceof Error ? cause.message : String(cause));
    if (!isRetriable(cause)) throw new ConfigurationError(`The sink ${name} cannot be written to: ${text}`, { cause });
    log.warn(`the sink ${name} cannot be written to now, and is tried with the first event: ${text}`);
  }
}
