import { RxforceError } from '@rxforce/core/model';
import { wordsOf } from '../config/setting-words.js';
import { isRetriable, SinkError } from './sink.js';

/** Codes of errors that do not pass by themselves, and yet are about all events. */
const OF_ALL: readonly string[] = ['authentication', 'client-closed', 'configuration', 'limit-exceeded'];

/**
 * A sink was not asked, as something could not be had that it needs beside the events: their schema, or the URL of
 * their org. That counts as an outage. Only an answer about the schema itself is a failure of the events that have it.
 */
export class SourceError extends SinkError {
  /** Whether trying again soon may help. */
  readonly mayPass: boolean;

  /** @param what - What could not be had, at the beginning of a sentence. */
  constructor(what: string, cause: unknown) {
    const mayPass = isRetriable(cause);
    const outage = mayPass || (RxforceError.is(cause) && OF_ALL.includes(cause.code));
    super(`${what} cannot be had: ${wordsOf(cause)}`, { cause, outage, retriable: outage });
    this.mayPass = mayPass;
  }
}

/** The error for a schema that could not be had. */
export function noSchema(cause: unknown): SourceError {
  return new SourceError('The schema of the events', cause);
}
