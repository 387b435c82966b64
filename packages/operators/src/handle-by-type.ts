import { filter, pipe, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { ConfigurationError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import type { OfChangeType } from './by-change-type.js';
import { handleAs, type HandleOptions } from './handle.js';
import type { Work } from '@rxforce/core/internal';

/** The part of an event that `handleByType` needs. */
export type TypedEvent = Pick<ChangeEvent, 'header'>;

/** The types of gaps: a record was changed, and the event does not say how. */
export type GapType = 'GAP_CREATE' | 'GAP_UPDATE' | 'GAP_DELETE' | 'GAP_UNDELETE';

/**
 * Starts the work on an event of one of the types, and returns a promise, an Observable or an iterable. Each value
 * emitted is a result.
 */
export type ChangeTypeHandler<E extends TypedEvent, C extends ChangeType> = (event: OfChangeType<E, C>) => Work;

/** The work on events that say what a record is, or how it changed. */
export interface ValueHandlers<E extends TypedEvent> {
  /** On a CREATE. The event has the whole record. */
  readonly create?: ChangeTypeHandler<E, 'CREATE'>;
  /** On an UPDATE. The event has the changed fields. */
  readonly update?: ChangeTypeHandler<E, 'UPDATE'>;
  /** On a DELETE. */
  readonly delete?: ChangeTypeHandler<E, 'DELETE'>;
  /** On an UNDELETE. The event has the whole record. */
  readonly undelete?: ChangeTypeHandler<E, 'UNDELETE'>;
  /** On a SNAPSHOT, which newer schemas have. The event has the whole record. */
  readonly snapshot?: ChangeTypeHandler<E, 'SNAPSHOT'>;
}

/** The work on events of some types, and on all others. */
export interface HandlersWithOtherwise<E extends TypedEvent> extends ValueHandlers<E> {
  /** On a GAP_CREATE, GAP_UPDATE, GAP_DELETE or GAP_UNDELETE: read the record again. */
  readonly gap?: ChangeTypeHandler<E, GapType>;
  /** On a GAP_OVERFLOW: read all records of the object again. */
  readonly overflow?: ChangeTypeHandler<E, 'GAP_OVERFLOW'>;
  /** On every event whose type has no handler of its own, including a type that a later schema adds. */
  readonly otherwise: ChangeTypeHandler<E, ChangeType>;
}

/**
 * The work on gaps and overflows, and on some of the other types. Events of value types without a handler are not
 * wanted.
 */
export interface HandlersWithGaps<E extends TypedEvent> extends ValueHandlers<E> {
  /** On a GAP_CREATE, GAP_UPDATE, GAP_DELETE or GAP_UNDELETE: read the record again. */
  readonly gap: ChangeTypeHandler<E, GapType>;
  /** On a GAP_OVERFLOW: read all records of the object again. */
  readonly overflow: ChangeTypeHandler<E, 'GAP_OVERFLOW'>;
  readonly otherwise?: undefined;
}

/** The work on change events, by type: either with `otherwise`, or with handlers for gaps and overflows. */
export type ChangeTypeHandlers<E extends TypedEvent = ChangeEvent> = HandlersWithOtherwise<E> | HandlersWithGaps<E>;

/** The type of the values that the handlers emit. */
export type ResultOfHandlers<H> = {
  [K in keyof H]: NonNullable<H[K]> extends (...event: never[]) => infer Work ? HandlerResult<Work> : never;
}[keyof H];

/** The type of the values that a handler's work emits. */
export type HandlerResult<Work> = Work extends ObservableInput<unknown> ? ObservedValueOf<Work> : never;

/**
 * Does asynchronous work on each change event, as `handle` does, with a handler for each type of change.
 *
 * ```marble
 * source  -c-u-g-d----|      c = CREATE, u = UPDATE, g = GAP_UPDATE, d = DELETE
 *         handleByType({ create: insert, gap: reread, overflow: rereadAll })
 * result  -x---y------|      x = insert(c), y = reread(g)
 * settled -c-u-g-d-----
 * ```
 *
 * Give `otherwise`, or both `gap` and `overflow`: events that report missed changes cannot be left out by mistake.
 * Without `otherwise`, a CREATE, UPDATE, DELETE, UNDELETE or SNAPSHOT that has no handler is not wanted, and is settled
 * at once. An event of an unknown type then errors the stream.
 *
 * - Complete: when the source has completed and all work is done.
 * - Error: passes on the error of a handler, of its work, of `keyBy` or of the source, and unsubscribes other work.
 *   With a `timeoutMs`, a `WorkTimeoutError` too.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until its work has completed. Results are emitted in the event's scope. Events that are
 *   not wanted are settled.
 * - Order: work starts in order for each key, across types; results come as they are made. An overflow names no record.
 *   So with a `concurrency` above 1 it waits for no record, and no record waits for it. Put `resolveGaps` before this
 *   operator where reads could overwrite later changes.
 * - Memory: the events that wait; on a rxforce stream at most its window.
 *
 * @param handlers - The work for each type. A handler gets events narrowed to its types. Outside of a `pipe`, give the
 * type of the events: `handleByType<ChangeEvent<Lead>>({ … })`.
 * @param options - The options of `handle`.
 * @throws `ConfigurationError` when `otherwise` is missing and so is `gap` or `overflow`, when there is a handler of
 * another name, or when an option is out of its range.
 */
export function handleByType<
  E extends TypedEvent = ChangeEvent,
  H extends ChangeTypeHandlers<E> = ChangeTypeHandlers<E>,
>(handlers: H, options: HandleOptions<E> = {}): OperatorFunction<E, ResultOfHandlers<H>> {
  const handlerOf = resolveHandlers<E>(handlers);
  return pipe(
    filter((event: E) => handlerOf(event) !== undefined),
    handleAs('handleByType()', (event: E) => handlerOf(event)?.(event), options),
  );
}

type HandlerName = keyof HandlersWithOtherwise<TypedEvent>;
/** A handler of any type. It is looked up by name, so it gets only events of its types. */
type AnyHandler<E> = (event: E) => Work;

const NAMES: Readonly<Record<ChangeType, HandlerName>> = {
  CREATE: 'create',
  UPDATE: 'update',
  DELETE: 'delete',
  UNDELETE: 'undelete',
  SNAPSHOT: 'snapshot',
  GAP_CREATE: 'gap',
  GAP_UPDATE: 'gap',
  GAP_DELETE: 'gap',
  GAP_UNDELETE: 'gap',
  GAP_OVERFLOW: 'overflow',
};
const ALL_NAMES: readonly string[] = [...new Set(Object.values(NAMES)), 'otherwise'];

/** Returns a function that finds the handler for an event; `undefined` where the event is not wanted. */
function resolveHandlers<E extends TypedEvent>(handlers: object): (event: E) => AnyHandler<E> | undefined {
  const given = Object.entries(handlers).filter(([, handler]) => handler !== undefined);
  for (const [name, handler] of given) {
    if (!ALL_NAMES.includes(name) || typeof handler !== 'function') {
      throw new ConfigurationError(
        `handleByType() got ${name}, but it takes functions by the names ${ALL_NAMES.join(', ')}.`,
      );
    }
  }
  const byName = new Map(given as [string, AnyHandler<E>][]);
  const otherwise = byName.get('otherwise');
  if (otherwise === undefined && !(byName.has('gap') && byName.has('overflow'))) {
    throw new ConfigurationError(
      'handleByType() got no handler for gaps, or none for overflows: these events tell that changes were missed. Give it ' +
        'gap and overflow, or otherwise.',
    );
  }
  return ({ header: { changeType } }) =>
    byName.get(NAMES[changeType]) ?? otherwise ?? (Object.hasOwn(NAMES, changeType) ? undefined : refuse(changeType));
}

/** Returns a handler that throws. It throws in the event's turn, while the event is held. */
function refuse(changeType: string): () => never {
  return () => {
    throw new ConfigurationError(
      `handleByType() got an event of the type ${changeType}, which it does not know. Give it otherwise, to handle such events.`,
    );
  };
}
