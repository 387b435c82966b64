/** Where RxJS gives its operators. */
export const RXJS_MODULES: ReadonlySet<string> = new Set(['rxjs', 'rxjs/operators']);

/** Where rxforce gives operators of RxJS that hold. */
export const TWINS_MODULE = '@rxforce/operators/rxjs';

/** Where rxforce gives its own operators. */
export const OPERATORS_MODULE = '@rxforce/operators';

/** Where rxforce works on dead letters. */
export const DEAD_LETTERS_MODULE = '@rxforce/dead-letters';

/** What does the work on events, and holds them until it is done. */
export const WORKING: ReadonlySet<string> = new Set(['handle', 'handleByType', 'retryWithDLQ']);

/** What works on dead letters and is given to no `pipe()`: its functions are work all the same. */
export const WORKING_SOURCES: ReadonlySet<string> = new Set(['redrive']);

/** What subscribes to something for each value. */
export const FLATTENING: ReadonlySet<string> = new Set([
  ...['mergeMap', 'flatMap', 'concatMap', 'switchMap', 'exhaustMap'],
  ...['mergeMapTo', 'concatMapTo', 'switchMapTo'],
  ...['mergeAll', 'concatAll', 'switchAll', 'exhaustAll', 'exhaust'],
  ...['mergeScan', 'switchScan', 'expand'],
]);

/** Of those, the ones whose values are subscribed to themselves. */
export const FLATTENING_VALUES: ReadonlySet<string> = new Set([
  'mergeAll',
  'concatAll',
  'switchAll',
  'exhaustAll',
  'exhaust',
]);

/** Of those, the ones that subscribe at once, if they are given no limit. */
export const MERGING: ReadonlySet<string> = new Set(['mergeMap', 'flatMap', 'mergeAll', 'mergeMapTo', 'expand']);

/** What emits an Observable for some of the values. */
export const GROUPING: ReadonlySet<string> = new Set([
  ...['groupBy', 'window', 'windowCount', 'windowTime', 'windowToggle', 'windowWhen'],
]);

/** What keeps values past the call that brought them, whatever it is given. */
export const KEEPING: ReadonlySet<string> = new Set([
  ...['delay', 'delayWhen', 'observeOn', 'debounce', 'debounceTime', 'audit', 'auditTime', 'sample', 'sampleTime'],
  ...['buffer', 'bufferCount', 'bufferTime', 'bufferToggle', 'bufferWhen', 'toArray', 'pairwise'],
  ...['reduce', 'count', 'last', 'takeLast', 'skipLast', 'max', 'min', 'single'],
  ...['zip', 'zipWith', 'zipAll', 'combineLatest', 'combineLatestWith', 'combineLatestAll', 'combineAll'],
]);

/** What keeps values in time, even those that come within one call. */
export const WAITING: ReadonlySet<string> = new Set([
  ...['delay', 'delayWhen', 'observeOn', 'subscribeOn', 'debounce', 'debounceTime', 'audit', 'auditTime'],
  ...['sample', 'sampleTime', 'throttle', 'throttleTime', 'bufferTime', 'windowTime', 'buffer', 'bufferWhen'],
]);

/** What calls a function for each value, and does not wait for what that returns. */
export const CALLING: ReadonlySet<string> = new Set(['tap', 'map', 'filter']);

/** What gives a function the stream itself. */
export const SHARING: ReadonlySet<string> = new Set(['connect', 'publish', 'publishReplay', 'multicast', 'let']);

/** What makes a stream of streams. */
export const JOINING: ReadonlySet<string> = new Set([
  ...['merge', 'concat', 'race', 'combineLatest', 'zip', 'forkJoin', 'from', 'defer', 'iif', 'onErrorResumeNext'],
]);

/** Of those, the ones that keep what one stream brings until the others have brought something. */
export const PAIRING: ReadonlySet<string> = new Set(['combineLatest', 'zip', 'forkJoin']);

/** The twins, by the names of RxJS. */
const TWINS: ReadonlySet<string> = new Set([
  ...['mergeMap', 'concatMap', 'switchMap', 'exhaustMap', 'scan', 'reduce', 'toArray', 'pairwise', 'groupBy'],
  ...['buffer', 'bufferCount', 'bufferTime', 'bufferToggle', 'bufferWhen', 'delay', 'delayWhen', 'observeOn'],
  ...['debounceTime', 'debounce', 'auditTime', 'audit', 'sampleTime', 'sample', 'throttleTime', 'throttle'],
  ...['zipWith', 'combineLatestWith', 'window', 'windowCount', 'windowTime', 'windowToggle', 'windowWhen'],
]);

/** The operator of `@rxforce/operators/rxjs` that stands for one of RxJS; undefined where there is none. */
export function twinOf(name: string): string | undefined {
  if (name === 'flatMap') return 'mergeMap';
  return TWINS.has(name) ? name : undefined;
}
