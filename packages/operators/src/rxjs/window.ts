import { window as rxWindow, type Observable, type ObservableInput, type OperatorFunction } from 'rxjs';
import { windowed } from './kept/windows.js';

/**
 * RxJS's `window`, whose windows keep and hold values until somebody subscribes to them.
 *
 * ```marble
 * source  -a-b-c-d-e--|
 *         window(boundaries), mergeMap(toArray())         boundaries at 4 and 8
 * result  ----x---y---(z|)      x = [a, b], y = [c, d], z = [e]
 * settled ----(ab)(cd)e---
 * ```
 *
 * - Complete, error: as RxJS's; the values of a window without a subscriber continue to wait after the completion.
 * - Unsubscribe: drops the values of windows without a subscriber, without settling them.
 * - Delivery: a window is emitted outside of any event's scope, and emits each value in its event's scope. Until
 *   somebody subscribes to it, it keeps its values and holds their events; its first subscriber gets these values
 *   first. A window that nobody subscribes to stops the stream when its events fill the window of the stream.
 * - Memory: the values that wait, on a rxforce stream at most its window.
 */
export function window<T>(windowBoundaries: ObservableInput<unknown>): OperatorFunction<T, Observable<T>> {
  return (source) => windowed(source, rxWindow(windowBoundaries));
}
