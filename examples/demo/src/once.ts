import { filter, interval, take, type Observable } from 'rxjs';

const LOOK_EVERY_MS = 10;

/** Emits once, as soon as something is so. */
export function once(isSo: () => boolean): Observable<unknown> {
  return interval(LOOK_EVERY_MS).pipe(filter(isSo), take(1));
}
