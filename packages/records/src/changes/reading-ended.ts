import { firstValueFrom, fromEvent, takeUntil, type Observable } from 'rxjs';

/** The reading was given up, as nobody wants it any more. */
export class ReadingEnded extends Error {}

/** @throws `ReadingEnded` when the reading was given up. */
export function checkEnded(signal: AbortSignal): void {
  if (signal.aborted) throw new ReadingEnded();
}

/** The first value of an Observable. It is unsubscribed when the reading is given up, and the promise rejects then. */
export async function firstBeforeEnd<T>(source: Observable<T>, signal: AbortSignal): Promise<T> {
  checkEnded(signal);
  try {
    return await firstValueFrom(source.pipe(takeUntil(fromEvent(signal, 'abort'))));
  } catch (error) {
    checkEnded(signal);
    throw error;
  }
}
