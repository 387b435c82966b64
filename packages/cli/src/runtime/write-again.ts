import { defer, map, type Observable } from 'rxjs';
import { SinkError, type Sink, type SinkEvent } from '../sinks/sink.js';

/** Writes the event of a dead letter to a sink again. */
export function writeAgain(sink: Sink, value: SinkEvent): Observable<true> {
  return defer(async () => {
    if (!('data' in value)) throw new SinkError('It could not be decoded, so there is nothing to write.');
    await sink.write([value], { attempt: 1, signal: new AbortController().signal });
  }).pipe(map(() => true as const));
}
