import { fieldsOf } from '../model/event-fields.js';
import type { ChangeEventHeader, StreamEvent } from '../model/events.js';
import { plainText } from '../model/plain-text.js';
import { itemsOf } from './members.js';

/** An event whose work failed. */
export interface FailedEvent extends Pick<StreamEvent, 'id' | 'topic'> {
  /** The event's position in its stream, in base64. */
  readonly replayId: string;
  /** For a change event: the object, the records and the kind of change. */
  readonly change: Pick<ChangeEventHeader, 'entityName' | 'recordIds' | 'changeType'> | undefined;
}

/** The events worked on, by the error that the work failed with. */
const failures = new WeakMap<object, readonly FailedEvent[]>();
/** Most events of a batch, and most records of an event, that are named. */
const MOST_NAMED = 3;

/**
 * The events whose work failed with this error, in `handle` and the operators made of it. The error is the one that the
 * work threw, so its class and its fields are there to be inspected.
 *
 * ```ts
 * changes$.pipe(handle(save)).subscribe({
 *   error: (error: unknown) => console.error(error, failedEventsOf(error)),
 * });
 * ```
 *
 * @returns No events for an error that no work failed with, for work on values other than events, and for an error that
 * is no object.
 */
export function failedEventsOf(error: unknown): readonly FailedEvent[] {
  return typeof error === 'object' && error !== null ? (failures.get(error) ?? []) : [];
}

/**
 * Records the events whose work failed: for `failedEventsOf`, and at the end of the error's stack. Where the error has
 * no stack, the client that the event came from warns instead. The error stays as it is: its message, its fields and
 * its class are the user's.
 *
 * @param caller - The operator whose work it was, for the text, such as `handle()`.
 */
export function noteFailure(caller: string, error: unknown, value: unknown): void {
  const items = itemsOf(value);
  const events = items.filter(isEvent).map(factsOf);
  if (events.length === 0) return;
  const text = textOf(events, items.length);
  if (typeof error === 'object' && error !== null) {
    const isKnown = failures.has(error);
    failures.set(error, events);
    // The stack of an object that is thrown again and again would grow each time.
    if (isKnown || extendStack(error, `    while ${caller} worked on ${text}`)) return;
  }
  const { logger } = fieldsOf(items[0]) ?? {};
  logger?.warn(`${caller}: the work on ${text} failed with ${kindOfError(error)}, which is passed on: it comes again.`);
}

/** The name of an error says its kind and is no data. Its message may be data. */
function kindOfError(error: unknown): string {
  return error instanceof Error ? `a ${plainText(error.name, 100)}` : `what is no Error (${typeof error})`;
}

/** Extends the text that Node prints of an uncaught error. Some errors cannot be changed. */
function extendStack(error: object, line: string): boolean {
  const { stack } = error as { readonly stack?: unknown };
  if (typeof stack !== 'string') return false;
  try {
    Object.defineProperty(error, 'stack', { value: `${stack}\n${line}`, writable: true, configurable: true });
    return true;
  } catch {
    // It is frozen: `failedEventsOf()` and the warning report the events.
    return false;
  }
}

interface Headed {
  readonly header?: Partial<ChangeEventHeader>;
}

/** An event, or its dead letter, which has the event in `value` and its replay id as text. */
interface EventLike extends Pick<StreamEvent, 'id' | 'topic'>, Headed {
  readonly replayId: { toString(): string };
  readonly value?: unknown;
}

function isEvent(value: unknown): value is EventLike {
  const { topic, replayId } = Object(value) as Partial<EventLike>;
  return typeof topic === 'string' && (typeof replayId === 'string' || typeof replayId === 'object');
}

function factsOf({ id, topic, replayId, header, value }: EventLike): FailedEvent {
  const { entityName, recordIds = [], changeType } = header ?? (Object(value) as Headed).header ?? {};
  return {
    id,
    topic,
    replayId: replayId.toString(),
    change: entityName === undefined || changeType === undefined ? undefined : { entityName, recordIds, changeType },
  };
}

function textOf(events: readonly FailedEvent[], all: number): string {
  const named = events.slice(0, MOST_NAMED).map(nameOf).join('; ');
  if (all === 1) return named;
  return `${all} values: ${named}${events.length > MOST_NAMED ? `; and ${events.length - MOST_NAMED} events more` : ''}`;
}

function nameOf({ id, topic, replayId, change }: FailedEvent): string {
  const place = `of ${topic} at replay id ${replayId}`;
  if (change === undefined) return `event ${plainText(id, 100)} ${place}`;
  const { entityName, recordIds, changeType } = change;
  const records = recordIds.slice(0, MOST_NAMED).join(', ');
  const more = recordIds.length > MOST_NAMED ? ` and ${recordIds.length - MOST_NAMED} more` : '';
  return plainText(`the ${changeType} of ${entityName} ${records}${more} ${place}`);
}
