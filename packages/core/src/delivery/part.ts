import { Observable, type Operator } from 'rxjs';

/** A group or window of a stream's values, as it is observed. */
export interface PartView {
  /** The same values, as an Observable of ours. */
  readonly observable: Observable<unknown> & AsyncIterable<unknown>;
  /** How often it was subscribed to. */
  heard: number;
}

const PART = Symbol.for('@rxforce/part');

/** The view of a group or window that is observed; `undefined` for every other value. */
export function partOf(value: unknown): PartView | undefined {
  return value instanceof Observable ? (value as { readonly [PART]?: PartView })[PART] : undefined;
}

/** Has all that subscribes to a group or window, or is applied to it, go through its view. It stays the same object. */
export function viewPart(part: Observable<unknown>, view: PartView): void {
  Object.defineProperties(part, { ...METHODS, [PART]: { value: view } });
}

/* eslint-disable @typescript-eslint/no-deprecated -- operators of RxJS are applied by it, and there is no other way */
const viewOf = (part: Observable<unknown>) => (part as unknown as { readonly [PART]: PartView })[PART].observable;
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
    return viewOf(this)[Symbol.asyncIterator]();
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
