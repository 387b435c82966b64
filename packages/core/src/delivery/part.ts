import { Observable, type Operator } from 'rxjs';
import type { Delivery } from './delivery.js';
import { scope } from './scope.js';

/** A group or window of a stream's values, as it is observed. */
export interface PartView {
  /** The same values, as an Observable of ours. */
  readonly observable: Observable<unknown> & AsyncIterable<unknown>;
  /** How often it was subscribed to. */
  heard: number;
  /** The event that it was emitted with, once that emission is over: the `duration` of `groupBy` comes next. */
  emittedWith: Delivery | undefined;
}

const PART = Symbol.for('@rxforce/part');

/** Whether an Observable brings the values of a group or window. */
export const IS_PART = Symbol.for('@rxforce/is-part');

/** Whether a value is a group or window that is observed, or was made of one by operators. */
export function isPart(value: unknown): boolean {
  return value instanceof Observable && (value as { readonly [IS_PART]?: boolean })[IS_PART] === true;
}

/** The view of a group or window that is observed; `undefined` for every other value. */
export function partOf(value: unknown): PartView | undefined {
  return value instanceof Observable ? (value as { readonly [PART]?: PartView })[PART] : undefined;
}

/**
 * Has all that subscribes to a group or window, or is applied to it, go through its view. It stays the same object,
 * with properties of its own for that.
 */
export function viewPart(part: Observable<unknown>, view: PartView): void {
  Object.defineProperties(part, { ...METHODS, [PART]: { value: view }, [IS_PART]: { value: true } });
}

/* eslint-disable @typescript-eslint/no-deprecated -- operators of RxJS are applied by it, and there is no other way */
/**
 * Where it is subscribed to. RxJS calls the `duration` of `groupBy` right after the group was emitted, in the scope of
 * the same event: what that does is no work.
 */
const viewOf = (part: Observable<unknown>): Pick<Observable<unknown>, 'subscribe' | 'lift' | 'forEach'> => {
  const { emittedWith, observable } = viewIn(part);
  return emittedWith !== undefined && emittedWith === scope.current() ? plainly(part) : observable;
};
const viewIn = (part: Observable<unknown>) => (part as unknown as { readonly [PART]: PartView })[PART];
// eslint-disable-next-line @typescript-eslint/unbound-method -- each is called on an Observable
const { subscribe, lift, forEach } = Observable.prototype;
const plainly = (part: Observable<unknown>) => ({
  subscribe: (...given: []) => subscribe.apply(part, given),
  lift: <R>(operator?: Operator<unknown, R>) => lift.call(part, operator) as Observable<R>,
  forEach: (next: (value: unknown) => void) =>
    (forEach as (next: (value: unknown) => void) => Promise<void>).call(part, next),
});
const methods = {
  subscribe(this: Observable<unknown>, ...given: []) {
    return viewOf(this).subscribe(...given);
  },
  lift(this: Observable<unknown>, operator?: Operator<unknown, unknown>) {
    return viewOf(this).lift(operator);
  },
  forEach(this: Observable<unknown>, next: (value: unknown) => void) {
    return viewOf(this).forEach(next);
  },
  [Symbol.asyncIterator](this: Observable<unknown>) {
    return viewIn(this).observable[Symbol.asyncIterator]();
  },
};
/* eslint-enable @typescript-eslint/no-deprecated */
const METHODS = Object.fromEntries(
  (Reflect.ownKeys(methods) as (keyof typeof methods)[]).map((name) => [
    name,
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on the Observable that it is defined on
    { value: methods[name], configurable: true, writable: true },
  ]),
);
