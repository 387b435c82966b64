import { TWINS_MODULE } from '../../src/operator-names.js';
import { file, pipeline } from '../support/given.js';
import { told, unfixed } from './given-cases.js';

/** The one operator that is imported, and stands in front of handle(), is imported from the twins instead. */
function twin(name: string, use: string, also = '') {
  const body = `kept$.pipe(${use}, handle(save as (value: unknown) => Promise<unknown>)).subscribe();`;
  const others = also && `import { ${also} } from 'rxjs';\n`;
  const working = "import { handle } from '@rxforce/operators';";
  return {
    name: use,
    code: file(`${others}import { ${name} } from 'rxjs';\n${working}`, body),
    errors: [told('keeps', name)],
    output: file(`${others}import { ${name} } from '${TWINS_MODULE}';\n${working}`, body),
  };
}

/** An operator in front of handle() that has no twin. */
function withoutTwin(name: string, use: string, also = '') {
  const rxjs = [name, also].filter(Boolean).join(', ');
  return {
    name: use,
    code: pipeline(rxjs, 'handle', `kept$.pipe(${use}, handle((value: unknown) => save(value))).subscribe();`),
    errors: [told('keepsWithoutTwin', name)],
    output: null,
  };
}

/** Operators in front of the work that have a twin. */
export const TWINS = [
  twin('delay', 'delay(10)'),
  twin('delayWhen', 'delayWhen(() => timer(10))', 'timer'),
  twin('observeOn', 'observeOn(asyncScheduler)', 'asyncScheduler'),
  twin('debounce', 'debounce(() => timer(10))', 'timer'),
  twin('debounceTime', 'debounceTime(10)'),
  twin('audit', 'audit(() => timer(10))', 'timer'),
  twin('auditTime', 'auditTime(10)'),
  twin('sample', 'sample(timer(10))', 'timer'),
  twin('sampleTime', 'sampleTime(10)'),
  twin('throttle', 'throttle(() => timer(10), { trailing: true })', 'timer'),
  twin('throttleTime', 'throttleTime(10, undefined, { leading: false, trailing: true })'),
  twin('buffer', 'buffer(timer(10))', 'timer'),
  twin('bufferCount', 'bufferCount(10)'),
  twin('bufferTime', 'bufferTime(10)'),
  twin('bufferToggle', 'bufferToggle(timer(10), () => timer(10))', 'timer'),
  twin('bufferWhen', 'bufferWhen(() => timer(10))', 'timer'),
  twin('toArray', 'toArray()'),
  twin('reduce', 'reduce((all, { id }) => all + id, "")'),
  twin('pairwise', 'pairwise()'),
  twin('zipWith', 'zipWith(timer(10))', 'timer'),
  twin('combineLatestWith', 'combineLatestWith(timer(10))', 'timer'),
  twin('windowCount', 'windowCount(10)'),
  twin('windowTime', 'windowTime(10)'),
  twin('groupBy', 'groupBy(({ topic }) => topic)'),
  twin('mergeMap', 'mergeMap((e) => save(e))'),
  twin('mergeMap', 'mergeMap(async ({ id }) => id)'),
  twin('concatMap', 'concatMap(save)'),
  twin('switchMap', 'switchMap((e) => from(save(e)))', 'from'),
  twin('exhaustMap', 'exhaustMap((e) => timer(10).pipe(map(() => e)))', 'map, timer'),
  twin('concatMap', 'concatMap((e) => of(e).pipe(delay(10)))', 'delay, of'),
  twin('concatMap', 'concatMap((e) => { if (e.id) return of(1); return save(2); })', 'of'),
  twin('concatMap', 'concatMap((e) => (e.id ? of(1) : timer(10)))', 'of, timer'),
  // What waits for its turn is held by nobody.
  twin('concatMap', 'concatMap((e) => of(e).pipe(handle(save)))', 'of'),
  twin('mergeMap', 'mergeMap((e) => of(e).pipe(handle(save)), 1)', 'of'),
];

/** Operators in front of the work that have none. */
export const WITHOUT_TWINS = [
  withoutTwin('count', 'count()'),
  withoutTwin('last', 'last()'),
  withoutTwin('takeLast', 'takeLast(3)'),
  withoutTwin('skipLast', 'skipLast(3)'),
  withoutTwin('max', 'max((a, b) => (a.id > b.id ? 1 : -1))'),
  withoutTwin('concatAll', 'map((e) => save(e)), concatAll()', 'map'),
  withoutTwin('mergeScan', 'mergeScan((all, { id }) => save(all + id), "")'),
  withoutTwin('expand', 'expand((e) => timer(10))', 'timer'),
  withoutTwin('concatMapTo', 'concatMapTo(timer(10))', 'timer'),
];

/** Both operators are moved, one after the other. */
function groups(name: string, grouping: string, flattening: string, use: string) {
  const working = "import { handle } from '@rxforce/operators';";
  const body = `kept$.pipe(${use}).subscribe();`;
  return {
    name,
    code: file(`import { ${grouping}, ${flattening} } from 'rxjs';\n${working}`, body),
    errors: [told('keeps', grouping), told('keepsGroups', flattening)],
    output: [
      file(`import { ${flattening} } from 'rxjs';\nimport { ${grouping} } from '${TWINS_MODULE}';\n${working}`, body),
      file(`import { ${grouping}, ${flattening} } from '${TWINS_MODULE}';\n${working}`, body),
    ],
  };
}

/** Operators that make groups, and what joins them again. */
export const GROUPS = [
  groups(
    'groups one by one',
    'groupBy',
    'concatMap',
    'groupBy((e) => e.topic), concatMap((g$) => g$.pipe(handle(save)))',
  ),
  groups(
    'windows with a limit',
    'windowCount',
    'mergeMap',
    'windowCount(3), mergeMap((w$) => w$.pipe(handle(save)), 2)',
  ),
];

/** Functions that combine Observables, and what joins them with a limit. */
export const UNFIXED = [
  unfixed(
    'zip',
    pipeline('interval, zip', 'handle', 'zip(kept$, interval(10)).pipe(handle(save)).subscribe();'),
    told('keepsWithoutTwin', 'zip'),
  ),
  unfixed(
    'zip of an array',
    pipeline('interval, zip', 'handle', 'zip([kept$, interval(10)]).pipe(handle(save)).subscribe();'),
    told('keepsWithoutTwin', 'zip'),
  ),
  unfixed(
    'combineLatest that waits',
    pipeline(
      'combineLatest, interval',
      'handle',
      'combineLatest([kept$, interval(10)]).pipe(handle(save)).subscribe();',
    ),
    told('keepsWithoutTwin', 'combineLatest'),
  ),
  unfixed(
    'map to Observables, mergeAll with a limit',
    pipeline(
      'from, map, mergeAll',
      'handle',
      'kept$.pipe(map((e) => from(save(e))), mergeAll(3), handle(save)).subscribe();',
    ),
    told('keepsGroups', 'mergeAll'),
  ),
];
