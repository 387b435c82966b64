import { fieldsOf } from '../model/event-fields.js';
import type { ChangeEventHeader, StreamEvent } from '../model/events.js';
import { plainText } from '../model/plain-text.js';
import { itemsOf } from './members.js';

/** An event that work failed on. */
export interface FailedEvent extends Pick<StreamEvent, 'id' | 'topic'> {
  /** Where it is in its stream, in base64. */
  readonly replayId: string;
  /** Of a change event: the object, the records and what happened to them. */
  readonly change: Pick<ChangeEventHeader, 'entityName' | 'recordIds' | 'changeType'> | undefined;
}

/** What was worked on, by what the work failed with. */
const failures = new WeakMap<object, readonly FailedEvent[]>();
/** As many events of a batch, and records of an event, are named. */
const MOST_NAMED = 3;

/**
 * The events that the work was on which failed with this error: what `handle` and the operators made of it have worked
 * on. The error is the one that the work threw, so that its class and its fields are there to be looked at.
 *
 * ```ts
 * changes$.pipe(handle(save)).subscribe({
 *   error: (error: unknown) => console.error(error, failedEventsOf(error)),
 * });
 * ```
 *
 * @returns None for an error that no work failed with, for work on other values than events, and for what is no object.
 */
export function failedEventsOf(error: unknown): readonly FailedEvent[] {
  return typeof error === 'object' && error !== null ? (failures.get(error) ?? []) : [];
}

/**
 * Takes note of what work failed on: in what `failedEventsOf` tells, and at the end of the error's stack or, where it
 * has none, in a warning of the client that the event came from. The error stays what it is: its message, its fields
 * and its class are the user's.
 *
 * @param caller - Which operator's work it was, for the text: such as `handle()`.
 */
export function noteFailure(caller: string, error: unknown, value: unknown): void {
  const items = itemsOf(value);
  const events = items.filter(isEvent).map(factsOf);
  if (events.length === 0) return;
  const text = textOf(events, items.length);
  if (typeof error === 'object' && error !== null) {
    const isKnown = failures.has(error);
    failures.set(error, events);
    // One object that is thrown again and again would grow and grow.
    if (isKnown || extendStack(error, `    while ${caller} worked on ${text}`)) return;
  }
  const { logger } = fieldsOf(items[0]) ?? {};
  logger?.warn(`${caller}: the work on ${text} failed with ${kindOfError(error)}, which is passed on: it comes again.`);
}

/** The name of an error says what it is and is no data; its message may be. */
function kindOfError(error: unknown): string {
  return error instanceof Error ? `a ${plainText(error.name, 100)}` : `what is no Error (${typeof error})`;
}

/** What Node prints of an error that nobody catches. It may be one that cannot be changed. */
function extendStack(error: object, line: string): boolean {
  const { stack } = error as { readonly stack?: unknown };
  if (typeof stack !== 'string') return false;
  try {
    Object.defineProperty(error, 'stack', { value: `${stack}\n${line}`, writable: true, configurable: true });
    return true;
  } catch {
    // A frozen one: failedEventsOf() and the warning tell.
    return false;
  }
}

interface Headed {
  readonly header?: Partial<ChangeEventHeader>;
}

/** An event, or a letter of one: that has the event in `value`, and its replay id as text. */
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
