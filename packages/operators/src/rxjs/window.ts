import { window as rxWindow, type Observable, type ObservableInput, type OperatorFunction } from 'rxjs';
import { windowed } from './kept/windows.js';

/**
 * RxJS's `window`, whose windows keep and hold what comes while nobody has subscribed to them.
 *
 * ```marble
 * source  -a-b-c-d-e--|
 *         window(boundaries), mergeMap(toArray())         boundaries at 4 and 8
 * result  ----x---y---(z|)      x = [a, b], y = [c, d], z = [e]
 * ```
 *
 * - Complete, error: as RxJS's; what a window keeps that nobody has subscribed to yet goes on waiting after the completion.
 * - Unsubscribe: drops what waits in windows that nobody has subscribed to, without settling it.
 * - Delivery: a window is given away in nobody's scope, and emits each value in its event's scope. Until somebody subscribes to
 *   it, it keeps what comes and holds it; the first subscriber gets that first. One that nobody subscribes to stops the stream
 *   once the window of the stream is full of its events.
 * - Memory: what waits, on a rxforce stream at most its window.
 */
export function window<T>(windowBoundaries: ObservableInput<unknown>): OperatorFunction<T, Observable<T>> {
  return (source) => windowed(source, rxWindow(windowBoundaries));
}
