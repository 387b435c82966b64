import { Observable } from 'rxjs';
import type { TrackedObservable } from './tracked-observable.js';

/** A group or window of a stream's values, as it is observed. */
export interface PartView {
  /** The same values, as an Observable of ours. */
  readonly observable: TrackedObservable<unknown>;
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

type Methods = Pick<TrackedObservable<unknown>, 'subscribe' | 'lift' | 'forEach' | typeof Symbol.asyncIterator>;

const viewOf = (part: object) => partOf(part)!.observable;
const methods: Methods & ThisType<Observable<unknown>> = {
  subscribe(...given: Parameters<Methods['subscribe']>) {
    return viewOf(this).subscribe(...given);
  },
  lift(operator) {
    return viewOf(this).lift(operator);
  },
  forEach(next) {
    return viewOf(this).forEach(next);
  },
  [Symbol.asyncIterator]() {
    return viewOf(this)[Symbol.asyncIterator]();
  },
};
const METHODS = Object.fromEntries(
  Reflect.ownKeys(methods).map((name) => [
    name,
    { value: methods[name as keyof Methods], configurable: true, writable: true },
  ]),
) as PropertyDescriptorMap;
