import { changesOf, type ChangeEvent, type PubSubClient } from '@rxforce/core';
import { jsonOf, plainText } from '@rxforce/core/model';
import { firstValueFrom } from 'rxjs';
import type { SinkEvent } from '../sinks/sink.js';

/** Shows the number of a date or a time. */
type TimeText = (ms: number) => string;

/** How many characters of a value are shown. */
const LONGEST_VALUE = 120;

const COLORS: Readonly<Record<string, number>> = { CREATE: 32, UPDATE: 33, DELETE: 31, UNDELETE: 36 };

/** By the data types of fields. In events, all of them are milliseconds, in UTC. */
const TIME_TEXTS: Readonly<Partial<Record<string, TimeText>>> = {
  DateTime: (ms) => isoOf(ms),
  DateOnly: (ms) => isoOf(ms).slice(0, -'T00:00:00.000Z'.length),
  Birthday: (ms) => isoOf(ms).slice(0, -'T00:00:00.000Z'.length),
  TimeOnly: (ms) => isoOf(ms).slice(-'00:00:00.000Z'.length, -1),
};

/**
 * Makes the lines that people read of events: what has changed, with dates and times as ISO 8601 has them, in UTC.
 *
 * @param source - Has the schemas, which say what is a date or a time.
 */
export function eventText(
  source: Pick<PubSubClient, 'schema'>,
  { hasColor }: { readonly hasColor: boolean },
): (event: SinkEvent) => Promise<string> {
  const known = new Map<string, Promise<ReadonlyMap<string, TimeText>>>();
  const timesOfEvent = ({ schemaId }: SinkEvent) => {
    const times = known.get(schemaId) ?? timesOf(source, schemaId);
    known.set(schemaId, times);
    // Where the schema cannot be had, numbers are better than no line. The next event asks anew.
    return times.catch(() => {
      known.delete(schemaId);
      return new Map<string, TimeText>();
    });
  };
  return async (event) => lineOf(event, hasColor, await timesOfEvent(event));
}

function lineOf(event: SinkEvent, hasColor: boolean, times: ReadonlyMap<string, TimeText>): string {
  const { header } = event as Partial<ChangeEvent>;
  const what = header ? header.changeType : 'EVENT';
  const color = hasColor ? (COLORS[what] ?? 35) : undefined;
  const shown = color === undefined ? what.padEnd(8) : `\u001b[${color}m${what.padEnd(8)}\u001b[0m`;
  const time = header ? isoOf(header.commitTimestamp).slice(11, 19) : '        ';
  const of = header ? `${header.entityName} ${header.recordIds.join(',')}` : (event.topic.split('/').at(-1) ?? '');
  return `${time} ${shown} ${of}${fieldsOf(event, times)}\n`;
}

/** The fields that the event says something about. */
function fieldsOf(event: SinkEvent, times: ReadonlyMap<string, TimeText>): string {
  return Object.entries(changesOf(event as ChangeEvent))
    .filter(([, value]) => value !== null || (event as Partial<ChangeEvent>).header?.changeType === 'UPDATE')
    .map(([name, value]) => ` ${name}=${valueOf(value, times.get(name))}`)
    .join('');
}

function valueOf(value: unknown, timeText: TimeText | undefined): string {
  if (timeText && typeof value === 'number' && isTime(value)) return timeText(value);
  return plainText(JSON.stringify(jsonOf(value)), LONGEST_VALUE);
}

/** The fields of a schema that are dates or times. */
async function timesOf(source: Pick<PubSubClient, 'schema'>, schemaId: string): Promise<ReadonlyMap<string, TimeText>> {
  const { json } = await firstValueFrom(source.schema(schemaId));
  const { fields = [] } = JSON.parse(json) as {
    readonly fields?: readonly { readonly name: string; readonly doc?: string }[];
  };
  return new Map(
    fields.flatMap(({ name, doc = '' }) => {
      const timeText = TIME_TEXTS[doc.split(':')[1] ?? ''];
      return timeText ? [[name, timeText] as const] : [];
    }),
  );
}

/** Whether a Date can have it. */
function isTime(ms: number): boolean {
  return !Number.isNaN(new Date(ms).getTime());
}

function isoOf(ms: number): string {
  return isTime(ms) ? new Date(ms).toISOString() : '';
}
