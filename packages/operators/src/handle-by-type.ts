import { EMPTY, filter, pipe, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { ConfigurationError, RxforceError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { handle, type HandleOptions } from './handle.js';

/** What `handleByType` needs of an event. */
export type TypedEvent = Pick<ChangeEvent, 'header'>;

/** An event of which the change type is known. */
export type OfType<E extends TypedEvent, C extends ChangeType> = E & { readonly header: { readonly changeType: C } };

/** The types of gaps: the record changed, and the event does not say to what. */
export type GapType = 'GAP_CREATE' | 'GAP_UPDATE' | 'GAP_DELETE' | 'GAP_UNDELETE';

/** Starts the work on an event of one of the types `C`: a promise, an Observable, an iterable. */
export type TypeHandler<E extends TypedEvent, C extends ChangeType> = (event: OfType<E, C>) => ObservableInput<unknown>;

interface HandlersOfValues<E extends TypedEvent> {
  /** For a CREATE: a record, whole. */
  readonly create?: TypeHandler<E, 'CREATE'>;
  /** For an UPDATE: what changed of a record. */
  readonly update?: TypeHandler<E, 'UPDATE'>;
  /** For a DELETE. */
  readonly delete?: TypeHandler<E, 'DELETE'>;
  /** For an UNDELETE: a record that is back, whole. */
  readonly undelete?: TypeHandler<E, 'UNDELETE'>;
  /** For a SNAPSHOT: a record as it is, whole. */
  readonly snapshot?: TypeHandler<E, 'SNAPSHOT'>;
}

/** Handlers with one for what has no other, so that every event has one. */
export interface HandlersWithOtherwise<E extends TypedEvent> extends HandlersOfValues<E> {
  /** For GAP_CREATE, GAP_UPDATE, GAP_DELETE and GAP_UNDELETE: read the record again. */
  readonly gap?: TypeHandler<E, GapType>;
  /** For a GAP_OVERFLOW: read all records of the object again. */
  readonly overflow?: TypeHandler<E, 'GAP_OVERFLOW'>;
  /** For every type that has no handler, those that later schemas have among them. */
  readonly otherwise: TypeHandler<E, ChangeType>;
}

/** Handlers for what tells that changes were missed, and for some of the other types: the rest is not wanted. */
export interface HandlersWithGaps<E extends TypedEvent> extends HandlersOfValues<E> {
  /** For GAP_CREATE, GAP_UPDATE, GAP_DELETE and GAP_UNDELETE: read the record again. */
  readonly gap: TypeHandler<E, GapType>;
  /** For a GAP_OVERFLOW: read all records of the object again. */
  readonly overflow: TypeHandler<E, 'GAP_OVERFLOW'>;
  readonly otherwise?: undefined;
}

/** What to do with events, by their change type. */
export type ChangeTypeHandlers<E extends TypedEvent = ChangeEvent> = HandlersWithOtherwise<E> | HandlersWithGaps<E>;

/** What handlers have for results: that of each of them. */
export type ResultOf<H> = { [K in keyof H]: H[K] extends (...given: never[]) => infer I ? ObservedValue<I> : never }[keyof H];
type ObservedValue<I> = I extends ObservableInput<unknown> ? ObservedValueOf<I> : never;

export function handleByType<E extends TypedEvent = ChangeEvent, H extends ChangeTypeHandlers<E> = ChangeTypeHandlers<E>>(
  handlers: H & ChangeTypeHandlers<E>,
  options: HandleOptions<E> = {},
): OperatorFunction<E, ResultOf<H>> {
  return null!;
}
