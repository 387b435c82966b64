import { jsonOf } from '@rxforce/core/model';
import type { ChangeEvent } from '@rxforce/core';
import { eventIdOf } from './event-id.js';
import type { SinkEvent } from './sink.js';

/** An event as JSON: bigints as text, bytes in base64. */
export interface JsonEvent {
  readonly id: string;
  /** The name of its org. Absent where the configuration has only one. */
  readonly org?: string;
  readonly topic: string;
  /** The position in the stream: at a worker that of the log. */
  readonly replayId: string;
  /** The replay id at Salesforce. Only of an event of a log. */
  readonly origin?: string;
  /** Which partition of a log this is, and of how many. Only where several have the event, each for its own records. */
  readonly split?: { readonly partition: number; readonly of: number };
  /** Absent for platform events. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event as JSON can hold it. */
export function jsonEventOf(event: SinkEvent): JsonEvent {
  const { org, topic, replayId, origin, split, data } = event;
  const { header } = event as Partial<ChangeEvent>;
  return {
    id: eventIdOf(event),
    ...(org !== undefined && { org }),
    ...{ topic, replayId: String(replayId) },
    ...(origin && { origin: String(origin) }),
    ...(split && { split: { partition: split.partition, of: split.of } }),
    ...(header && { header: jsonOf(header) as Record<string, unknown> }),
    data: jsonOf(data) as Record<string, unknown>,
  };
}

/** Events as lines of JSON. */
export function jsonLinesOf(events: readonly SinkEvent[]): string {
  return events.map((event) => `${JSON.stringify(jsonEventOf(event))}\n`).join('');
}
