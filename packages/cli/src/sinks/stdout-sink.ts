import { jsonLinesOf } from './event-json.js';
import type { Sink } from './sink.js';

/** Writes lines of JSON to standard output. A write resolves when the line was taken. */
export function stdoutSink(print: (text: string) => Promise<void>): Sink {
  return { write: (events) => print(jsonLinesOf(events)) };
}
