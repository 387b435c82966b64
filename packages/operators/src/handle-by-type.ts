import { filter, pipe, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { ConfigurationError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import type { OfChangeType } from './by-change-type.js';
import { handleAs, type HandleOptions } from './handle.js';
import type { Work } from '@rxforce/core/internal';

/** What `handleByType` needs of an event. */
export type TypedEvent = Pick<ChangeEvent, 'header'>;

/** A record was changed, and the event does not tell how. */
export type GapType = 'GAP_CREATE' | 'GAP_UPDATE' | 'GAP_DELETE' | 'GAP_UNDELETE';

/** Starts the work on an event of one of the types: a promise, an Observable, an iterable. Each value emitted is a result. */
export type ChangeTypeHandler<E extends TypedEvent, C extends ChangeType> = (event: OfChangeType<E, C>) => Work;

/** The work on events that tell what a record is, or how it changed. */
export interface ValueHandlers<E extends TypedEvent> {
  /** On a CREATE. It has the whole record. */
  readonly create?: ChangeTypeHandler<E, 'CREATE'>;
  /** On an UPDATE. It has what changed. */
  readonly update?: ChangeTypeHandler<E, 'UPDATE'>;
  /** On a DELETE. */
  readonly delete?: ChangeTypeHandler<E, 'DELETE'>;
  /** On an UNDELETE. It has the whole record. */
  readonly undelete?: ChangeTypeHandler<E, 'UNDELETE'>;
  /** On a SNAPSHOT, which newer schemas have. It has the whole record. */
  readonly snapshot?: ChangeTypeHandler<E, 'SNAPSHOT'>;
}

/** The work on events of some types, and on all others. */
export interface HandlersWithOtherwise<E extends TypedEvent> extends ValueHandlers<E> {
  /** On a GAP_CREATE, GAP_UPDATE, GAP_DELETE or GAP_UNDELETE: read the record again. */
  readonly gap?: ChangeTypeHandler<E, GapType>;
  /** On a GAP_OVERFLOW: read all records of the object again. */
  readonly overflow?: ChangeTypeHandler<E, 'GAP_OVERFLOW'>;
  /** On every event whose type has no handler of its own, one that a later schema adds included. */
  readonly otherwise: ChangeTypeHandler<E, ChangeType>;
}

/** The work on gaps and overflows, and on events of some of the other types: those without a handler are not wanted. */
export interface HandlersWithGaps<E extends TypedEvent> extends ValueHandlers<E> {
  /** On a GAP_CREATE, GAP_UPDATE, GAP_DELETE or GAP_UNDELETE: read the record again. */
  readonly gap: ChangeTypeHandler<E, GapType>;
  /** On a GAP_OVERFLOW: read all records of the object again. */
  readonly overflow: ChangeTypeHandler<E, 'GAP_OVERFLOW'>;
  readonly otherwise?: undefined;
}

/** The work on change events, by type: with a handler for what has no other, or with handlers for gaps and overflows. */
export type ChangeTypeHandlers<E extends TypedEvent = ChangeEvent> = HandlersWithOtherwise<E> | HandlersWithGaps<E>;

/** What the handlers emit, each of them. */
export type ResultOfHandlers<H> = {
  [K in keyof H]: NonNullable<H[K]> extends (...event: never[]) => infer Work ? HandlerResult<Work> : never;
}[keyof H];

/** What a handler's work emits. */
export type HandlerResult<Work> = Work extends ObservableInput<unknown> ? ObservedValueOf<Work> : never;

/**
 * Does asynchronous work on each change event, as `handle` does: other work for each type of change.
 *
 * ```marble
 * source  -c-u-g-d----|      c = CREATE, u = UPDATE, g = GAP_UPDATE, d = DELETE
 *         handleByType({ create: insert, gap: reread, overflow: rereadAll })
 * result  -x---y------|      x = insert(c), y = reread(g)
 * ```
 *
 * Give `otherwise`, or both `gap` and `overflow`: what tells that changes were missed cannot be left out by mistake. Without
 * `otherwise`, a CREATE, UPDATE, DELETE, UNDELETE or SNAPSHOT that has no handler is not wanted: it is settled at once. An
 * event of a type that is not known then errors the stream.
 *
 * - Complete: when the source has completed and all work is done.
 * - Error: what a handler throws or errors with is passed on, as is the source's error; other work is unsubscribed. So is what
 *   `keyBy` throws, and a `WorkTimeoutError` where there is a `timeoutMs`.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until its work has completed. Results are emitted in the event's scope. What is not wanted is
 *   settled.
 * - Order: of the start of work by key, whatever the types; results come as they are made. An overflow names no record, so
 *   with a `concurrency` above 1 it waits for none, and none for it: put `resolveGaps` before this, where reads could
 *   overwrite later changes.
 * - Memory: the events waiting; on a rxforce stream at most its window.
 *
 * @param handlers - The work for each type. An event comes with its type narrowed to those of the handler. Outside of a
 * `pipe`, say what the events are: `handleByType<ChangeEvent<Lead>>({ … })`.
 * @param options - As those of `handle`.
 * @throws `ConfigurationError` when `otherwise` is missing and so is `gap` or `overflow`, when there is a handler of another
 * name, or when an option is out of its range.
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
/** A handler of whatever type: that it gets what it is for is seen to by name. */
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

/** Gives what finds the handler for an event: `undefined` where the event is not wanted. */
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

/** Throws when it is called, in its turn, while the event is held. */
function refuse(changeType: string): () => never {
  return () => {
    throw new ConfigurationError(
      `handleByType() got an event of the type ${changeType}, which it does not know. Give it otherwise, to handle such events.`,
    );
  };
}
