import type { ChangeEvent } from '@rxforce/core';
import { jsonEventOf } from './event-json.js';
import type { SinkEvent } from './sink.js';
import { SourceError } from './source-error.js';

/**
 * An event as CloudEvents 1.0 has it. What an event of a log has besides is in attributes: `origin`, `splitpartition`
 * and `splitof`.
 *
 * @param source - The org's URL.
 */
export function cloudEventOf(event: SinkEvent, source: string): Readonly<Record<string, unknown>> {
  const { header } = event as Partial<ChangeEvent>;
  const { id, origin, split, ...data } = jsonEventOf(event);
  return {
    specversion: '1.0',
    id,
    source,
    type: header
      ? `com.salesforce.change.${header.entityName}.${header.changeType}`
      : `com.salesforce.event.${nameOf(event)}`,
    ...(header?.recordIds[0] !== undefined && { subject: header.recordIds[0] }),
    ...(header && { time: new Date(header.commitTimestamp).toISOString() }),
    ...(origin !== undefined && { origin }),
    ...(split && { splitpartition: split.partition, splitof: split.of }),
    datacontenttype: 'application/json',
    data,
  };
}

/**
 * The source of a sink's CloudEvents; nobody needs to log in for another format.
 *
 * @throws rejects with a `SourceError`: that is no failure of the sink.
 */
export async function sourceOf(
  { format }: { readonly format: 'json' | 'cloudevents' },
  { source }: { readonly source: () => Promise<string> },
): Promise<string> {
  if (format !== 'cloudevents') return '';
  try {
    return await source();
  } catch (cause) {
    throw new SourceError('The URL of the org', cause);
  }
}

function nameOf({ topic }: SinkEvent): string {
  return topic.split('/').at(-1) ?? topic;
}
