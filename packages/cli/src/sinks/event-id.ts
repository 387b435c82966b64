import type { SinkEvent } from './sink.js';

/**
 * The id that others know an event by. An event of a log that several partitions have, each for its own records, is
 * several events to them: a reader that drops an id that came before would drop records.
 */
export function eventIdOf({ id, split }: SinkEvent): string {
  return split === undefined ? id : `${id}-${split.partition}`;
}
