/**
 * Operators of RxJS that hold the events they keep. Their names, signatures and times are RxJS's own.
 *
 * @packageDocumentation
 */
export { audit } from './audit.js';
export { auditTime } from './audit-time.js';
export { buffer } from './buffer.js';
export { bufferCount } from './buffer-count.js';
export { bufferTime } from './buffer-time.js';
export { bufferToggle } from './buffer-toggle.js';
export { bufferWhen } from './buffer-when.js';
export { combineLatestWith } from './combine-latest-with.js';
export { concatAll } from './concat-all.js';
export { concatMap } from './concat-map.js';
export { count } from './count.js';
export { debounce } from './debounce.js';
export { debounceTime } from './debounce-time.js';
export { delay } from './delay.js';
export { delayWhen } from './delay-when.js';
export { exhaustAll } from './exhaust-all.js';
export { exhaustMap } from './exhaust-map.js';
export { expand } from './expand.js';
export { groupBy } from './group-by.js';
export { last } from './last.js';
export { max } from './max.js';
export { mergeAll } from './merge-all.js';
export { mergeMap } from './merge-map.js';
export { mergeScan } from './merge-scan.js';
export { min } from './min.js';
export { observeOn } from './observe-on.js';
export { pairwise } from './pairwise.js';
export { reduce } from './reduce.js';
export { sample } from './sample.js';
export { sampleTime } from './sample-time.js';
export { scan } from './scan.js';
export { switchAll } from './switch-all.js';
export { switchMap } from './switch-map.js';
export { switchScan } from './switch-scan.js';
export { takeLast } from './take-last.js';
export { throttle } from './throttle.js';
export { throttleTime } from './throttle-time.js';
export { toArray } from './to-array.js';
export { window } from './window.js';
export { windowCount } from './window-count.js';
export { windowTime } from './window-time.js';
export { windowToggle } from './window-toggle.js';
export { windowWhen } from './window-when.js';
export { zipWith } from './zip-with.js';
