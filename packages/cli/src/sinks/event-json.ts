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
  readonly replayId: string;
  /** Absent for platform events. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event as JSON can hold it. */
export function jsonEventOf(event: SinkEvent): JsonEvent {
  const { org, topic, replayId, data } = event;
  const { header } = event as Partial<ChangeEvent>;
  return {
    id: eventIdOf(event),
    ...(org !== undefined && { org }),
    ...{ topic, replayId: String(replayId) },
    ...(header && { header: jsonOf(header) as Record<string, unknown> }),
    data: jsonOf(data) as Record<string, unknown>,
  };
}

/** Events as lines of JSON. */
export function jsonLinesOf(events: readonly SinkEvent[]): string {
  return events.map((event) => `${JSON.stringify(jsonEventOf(event))}\n`).join('');
}
