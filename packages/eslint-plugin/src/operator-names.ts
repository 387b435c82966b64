/** The modules with RxJS's operators. */
export const RXJS_MODULES: ReadonlySet<string> = new Set(['rxjs', 'rxjs/operators']);

/** The module with rxforce's twins of RxJS's operators, which hold events. */
export const TWINS_MODULE = '@rxforce/operators/rxjs';

/** The module with rxforce's own operators. */
export const OPERATORS_MODULE = '@rxforce/operators';

/** The module for dead letters. */
export const DEAD_LETTERS_MODULE = '@rxforce/dead-letters';

/** Operators that do the work on events, and hold them until it is done. */
export const WORKING: ReadonlySet<string> = new Set(['handle', 'handleByType', 'retryWithDLQ']);

/** Functions that work on dead letters outside of a `pipe()`; their arguments are work, too. */
export const WORKING_SOURCES: ReadonlySet<string> = new Set(['redrive']);

/** Operators that subscribe to an inner stream for each value. */
export const FLATTENING: ReadonlySet<string> = new Set([
  ...['mergeMap', 'flatMap', 'concatMap', 'switchMap', 'exhaustMap'],
  ...['mergeMapTo', 'concatMapTo', 'switchMapTo'],
  ...['mergeAll', 'concatAll', 'switchAll', 'exhaustAll', 'exhaust'],
  ...['mergeScan', 'switchScan', 'expand'],
]);

/** The flattening operators that subscribe to the values themselves. */
export const FLATTENING_VALUES: ReadonlySet<string> = new Set([
  'mergeAll',
  'concatAll',
  'switchAll',
  'exhaustAll',
  'exhaust',
]);

/** The flattening operators that subscribe at once, unless they have a limit. */
export const MERGING: ReadonlySet<string> = new Set(['mergeMap', 'flatMap', 'mergeAll', 'mergeMapTo', 'expand']);

/** Operators that emit Observables of some of the values. */
export const GROUPING: ReadonlySet<string> = new Set([
  ...['groupBy', 'window', 'windowCount', 'windowTime', 'windowToggle', 'windowWhen'],
]);

/** Operators that always keep values after the call that brought them. */
export const KEEPING: ReadonlySet<string> = new Set([
  ...['delay', 'delayWhen', 'observeOn', 'debounce', 'debounceTime', 'audit', 'auditTime', 'sample', 'sampleTime'],
  ...['buffer', 'bufferCount', 'bufferTime', 'bufferToggle', 'bufferWhen', 'toArray', 'pairwise'],
  ...['reduce', 'count', 'last', 'takeLast', 'skipLast', 'max', 'min', 'single'],
  ...['zip', 'zipWith', 'zipAll', 'combineLatest', 'combineLatestWith', 'combineLatestAll', 'combineAll'],
]);

/** Operators that keep values for a time, even those that come within one call. */
export const WAITING: ReadonlySet<string> = new Set([
  ...['delay', 'delayWhen', 'observeOn', 'subscribeOn', 'debounce', 'debounceTime', 'audit', 'auditTime'],
  ...['sample', 'sampleTime', 'throttle', 'throttleTime', 'bufferTime', 'windowTime', 'buffer', 'bufferWhen'],
]);

/** Operators that call a function for each value, and do not wait for its result. */
export const CALLING: ReadonlySet<string> = new Set(['tap', 'map', 'filter']);

/** Operators that pass the stream itself to a function. */
export const SHARING: ReadonlySet<string> = new Set(['connect', 'publish', 'publishReplay', 'multicast', 'let']);

/** Functions that join several streams into one. */
export const JOINING: ReadonlySet<string> = new Set([
  ...['merge', 'concat', 'race', 'combineLatest', 'zip', 'forkJoin', 'from', 'defer', 'iif', 'onErrorResumeNext'],
]);

/** The joining functions that keep the value of one stream until the others have emitted. */
export const PAIRING: ReadonlySet<string> = new Set(['combineLatest', 'zip', 'forkJoin']);

/** The twins, by the names of RxJS. */
const TWINS: ReadonlySet<string> = new Set([
  ...['mergeMap', 'concatMap', 'switchMap', 'exhaustMap', 'scan', 'reduce', 'toArray', 'pairwise', 'groupBy'],
  ...['buffer', 'bufferCount', 'bufferTime', 'bufferToggle', 'bufferWhen', 'delay', 'delayWhen', 'observeOn'],
  ...['debounceTime', 'debounce', 'auditTime', 'audit', 'sampleTime', 'sample', 'throttleTime', 'throttle'],
  ...['zipWith', 'combineLatestWith', 'window', 'windowCount', 'windowTime', 'windowToggle', 'windowWhen'],
]);

/** The operator of `@rxforce/operators/rxjs` that replaces one of RxJS; `undefined` where there is none. */
export function twinOf(name: string): string | undefined {
  if (name === 'flatMap') return 'mergeMap';
  return TWINS.has(name) ? name : undefined;
}
