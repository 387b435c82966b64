import { RxforceError } from '@rxforce/core/model';
import { wordsOf } from '../config/setting-words.js';
import { isRetriable, SinkError } from './sink.js';

/** Codes of errors that are about all events, also where they do not pass by themselves. */
const OF_ALL: readonly string[] = [
  ...['authentication', 'client-closed', 'configuration', 'connection', 'limit-exceeded', 'throttled'],
];

/**
 * A sink was not asked, as something could not be had that it needs beside the events: their schema, or the URL of
 * their org. That counts as an outage where it is about all events. An answer about the schema itself is a failure of
 * the events that have it. Whether any other one is, which may pass, the other events show.
 */
export class SourceError extends SinkError {
  /** Whether trying again soon may help. */
  readonly mayPass: boolean;

  /** @param what - What could not be had, at the beginning of a sentence. */
  constructor(
    private readonly what: string,
    cause: unknown,
    outage = isOfAll(cause),
  ) {
    const mayPass = isRetriable(cause);
    super(`${what} cannot be had: ${wordsOf(cause)}`, { cause, outage, retriable: outage || mayPass });
    this.mayPass = mayPass;
  }

  /** The same as an outage, where other events do not get through, either. */
  asOutage(): SourceError {
    return new SourceError(this.what, this.cause, true);
  }
}

function isOfAll(cause: unknown): boolean {
  if (!RxforceError.is(cause)) return false;
  // A log may also say that it has no such entry.
  return OF_ALL.includes(cause.code) || (cause.code === 'event-log' && cause.retriable);
}

/** The error for a schema that could not be had. */
export function noSchema(cause: unknown): SourceError {
  return new SourceError('The schema of the events', cause);
}
