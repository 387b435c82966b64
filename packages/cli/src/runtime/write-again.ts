import { concat, defer, of, throwError, type Observable } from 'rxjs';
import { SinkError, type Sink, type SinkEvent } from '../sinks/sink.js';
import type { JudgesFailures } from './own-failures.js';
import { SinkWriter, type SchemaSource } from './sink-writer.js';

/**
 * Writes events of dead letters to a sink again. As in a run, the sink learns of each schema before the first event of
 * it.
 *
 * @param source - Has the schemas.
 * @param org - The name of the org of the events, where there are several.
 * @param failures - Says what failures mean.
 */
export function writeAgain(
  sink: Sink,
  source: SchemaSource,
  org: string | undefined,
  failures?: JudgesFailures,
): (value: SinkEvent) => Observable<true> {
  const writer = new SinkWriter(sink, source, org, undefined, failures);
  return (value) =>
    defer(() =>
      'data' in value
        ? concat(writer.write([value], 1), of(true as const))
        : throwError(() => new SinkError('It could not be decoded, so there is nothing to write.')),
    );
}
