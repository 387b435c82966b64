/* eslint-disable @typescript-eslint/no-misused-promises, rxjs-x/no-async-subscribe, rxjs-x/no-unsafe-takeuntil, rxjs-x/no-ignored-takewhile-value -- what people write */
import {
  asyncScheduler,
  BehaviorSubject,
  bufferTime,
  catchError,
  combineLatest,
  concat,
  concatMap,
  debounceTime,
  defaultIfEmpty,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  filter,
  finalize,
  firstValueFrom,
  from,
  groupBy,
  interval,
  lastValueFrom,
  map,
  materialize,
  merge,
  mergeMap,
  mergeWith,
  of,
  pairwise,
  repeat,
  retry,
  scan,
  skip,
  startWith,
  subscribeOn,
  takeUntil,
  takeWhile,
  tap,
  throwIfEmpty,
  timeout,
  timer,
  withLatestFrom,
} from 'rxjs';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import {
  batchBy,
  byChangeType,
  byTransaction,
  distinctEvents,
  filterField,
  handle,
  handleByType,
  limit,
  meter,
  retryWithDLQ,
} from '@rxforce/operators';
import type { Lawful } from './false-alarm.js';
import { sharing, type Builds } from './lawful-sharing.js';

/** Filters that drop much, or everything. */
const filtering: Builds = {
  'handle alone': ({ changes$, save }) => changes$.pipe(handle(save)),
  'a filter of half, handle': ({ changes$, even, save }) => changes$.pipe(filter(even), handle(save)),
  'a filter of all, handle': ({ changes$, none, save }) => changes$.pipe(filter(none), handle(save)),
  'a filter of all, an asynchronous subscriber': ({ changes$, none, save, ends }) => {
    changes$.pipe(filter(none)).subscribe({
      ...ends,
      next: async (e) => {
        await save(e);
      },
    });
  },
  'two filters and a map, handle': ({ changes$, even, save }) =>
    changes$.pipe(
      filter(even),
      map((e) => e.data),
      filter((account) => account.Name !== ''),
      handle(save),
    ),
  'mergeMap as a filter, handle': ({ changes$, even, save }) =>
    changes$.pipe(
      mergeMap((e) => (even(e) ? of(e.data) : EMPTY)),
      handle(save),
    ),
  'concatMap as an expansion, handle': ({ changes$, save }) =>
    changes$.pipe(
      concatMap((e) => e.header.recordIds.map(() => e.data)),
      handle(save),
    ),
  'byChangeType, filterField, handle': ({ changes$, save }) =>
    changes$.pipe(byChangeType('CREATE'), filterField('AnnualRevenue', 'greaterThan', 0), handle(save)),
  'distinctUntilChanged on a state, handle': ({ changes$, save }) =>
    changes$.pipe(
      scan((state, e) => ({ ...state, ...e.data }), {}),
      distinctUntilChanged(),
      handle(save),
    ),
  'skip, handle': ({ changes$, none, save }) =>
    changes$.pipe(
      tap((e) => e.data.AnnualRevenue <= 3 && none(e)),
      skip(3),
      handle(save),
    ),
  'takeWhile(true), handle': ({ changes$, save }) =>
    changes$.pipe(
      takeWhile(() => true),
      handle(save),
    ),
  'distinctEvents, handle': ({ changes$, save }) => changes$.pipe(distinctEvents(), handle(save)),
  'meter, a filter of all, handle': ({ changes$, none, save }) =>
    changes$.pipe(meter<Lawful>().measure, filter(none), handle(save)),
};

/** Work in rxforce's operators and in subscribers. */
const working: Builds = {
  'handle, synchronous': ({ changes$, saveSync }) =>
    changes$.pipe(
      handle((e) => {
        saveSync(e);
        return [];
      }),
    ),
  'handle, four at a time': ({ changes$, save }) => changes$.pipe(handle(save, { concurrency: 4 })),
  'handle, handle': ({ changes$, save }) => changes$.pipe(handle(save), handle(save)),
  'handle, an asynchronous subscriber': ({ changes$, save, ends }) => {
    changes$.pipe(handle(save)).subscribe({
      ...ends,
      next: async (e) => {
        await save(e);
      },
    });
  },
  'an asynchronous subscriber': ({ changes$, save, ends }) => {
    changes$.subscribe({
      ...ends,
      next: async (e) => {
        await save(e);
      },
    });
  },
  'map, an asynchronous subscriber': ({ changes$, save, ends }) => {
    changes$.pipe(map((e) => e.data)).subscribe({
      ...ends,
      next: async (account) => {
        await save(account);
      },
    });
  },
  'a subscriber that returns a promise': ({ changes$, save, ends }) => {
    changes$.subscribe({ ...ends, next: (e) => save(e) });
  },
  'forEach(async …)': ({ changes$, save }) =>
    changes$.forEach(async (e) => {
      await save(e);
    }),
  handleByType: ({ changes$, save }) => changes$.pipe(handleByType({ create: (e) => save(e), otherwise: () => [] })),
  retryWithDLQ: ({ changes$, save }) =>
    changes$.pipe(retryWithDLQ((e) => save(e), { deadLetters: memoryDeadLetterQueue() })),
  'batchBy, handle': ({ changes$, save }) => changes$.pipe(batchBy(5, 200), handle(save)),
  'a filter of half, batchBy, handle': ({ changes$, even, save }) =>
    changes$.pipe(filter(even), batchBy(5, 200), handle(save)),
  'byTransaction, handle': ({ changes$, save }) =>
    changes$.pipe(
      byTransaction(),
      handle(({ events }) => save(events)),
    ),
  'groupBy, mergeMap(handle)': ({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      mergeMap((group$) => group$.pipe(handle(save))),
    ),
  'a filter of all, groupBy, mergeMap(handle)': ({ changes$, none, save }) =>
    changes$.pipe(
      filter(none),
      groupBy((e) => e.data.Industry),
      mergeMap((group$) => group$.pipe(handle(save))),
    ),
  'mergeMap(of(e).pipe(handle))': ({ changes$, save }) => changes$.pipe(mergeMap((e) => of(e).pipe(handle(save)))),
};

/** What comes after the work may be late. */
const behind: Builds = {
  'handle, bufferTime, subscribe(log)': ({ changes$, save, ends }) => {
    changes$.pipe(handle(save), bufferTime(30)).subscribe({ ...ends, next: () => undefined });
  },
  'a filter, handle, bufferTime, subscribe(log)': ({ changes$, even, save, ends }) => {
    changes$.pipe(filter(even), handle(save), bufferTime(30)).subscribe({ ...ends, next: () => undefined });
  },
  'handle, scan, debounceTime, subscribe(metrics)': ({ changes$, save, ends }) => {
    changes$
      .pipe(
        handle(save),
        scan((count) => count + 1, 0),
        debounceTime(10),
      )
      .subscribe({ ...ends, next: () => undefined });
  },
  'handle, materialize': ({ changes$, save }) => changes$.pipe(handle(save), materialize()),
  'handle, limit, throwIfEmpty, defaultIfEmpty': ({ changes$, save }) =>
    changes$.pipe(handle(save), limit(5), throwIfEmpty(), defaultIfEmpty(undefined)),
  'handle, tap, map, subscribe(log)': ({ changes$, save, ends }) => {
    changes$
      .pipe(
        handle(save),
        tap(() => undefined),
        map((e) => e.data),
      )
      .subscribe({ ...ends, next: () => undefined });
  },
};

/** Values that are no events come in between. */
const mixing: Builds = {
  'startWith, handle': ({ changes$, save }) => changes$.pipe(startWith('go'), handle(save)),
  'startWith, pairwise, handle': ({ changes$, save }) =>
    changes$.pipe(
      startWith(undefined),
      pairwise(),
      handle(([, now]) => save(now)),
    ),
  'endWith after limit, handle': ({ changes$, save }) => changes$.pipe(limit(5), endWith('end'), handle(save)),
  'mergeWith(interval), handle': ({ changes$, save }) => changes$.pipe(mergeWith(interval(50)), handle(save)),
  'a filter, mergeWith(interval), handle': ({ changes$, even, save }) =>
    changes$.pipe(filter(even), mergeWith(interval(50).pipe(map(() => 'tick'))), handle(save)),
  'merge(a filter, interval), handle': ({ changes$, even, save }) =>
    merge(changes$.pipe(filter(even)), interval(50).pipe(map(() => 'tick'))).pipe(handle(save)),
  'concat(of, changes$), handle': ({ changes$, save }) => concat(of('first'), changes$).pipe(handle(save)),
  'a filter, an error, catchError(() => timer), handle': ({ changes$, even, save }) =>
    changes$.pipe(
      filter(even),
      map((e) => {
        if (e.data.AnnualRevenue === 12) throw new Error('mine');
        return e;
      }),
      catchError(() => timer(30).pipe(map(() => 'instead'))),
      handle(save),
    ),
  'withLatestFrom(preview$), handle': ({ changes$, preview$, save }) =>
    changes$.pipe(
      withLatestFrom(preview$.pipe(startWith(undefined))),
      handle(([e]) => save(e)),
    ),
  'withLatestFrom(BehaviorSubject), handle': ({ changes$, save }) =>
    changes$.pipe(
      withLatestFrom(new BehaviorSubject(1)),
      handle(([e]) => save(e)),
    ),
  'combineLatest([changes$, settings$]), handle': ({ changes$, save }) =>
    combineLatest([changes$, interval(60).pipe(startWith(0))]).pipe(handle(([e]) => save(e))),
  'combineLatest([a filter, settings$]), handle': ({ changes$, even, save }) =>
    combineLatest([changes$.pipe(filter(even)), interval(60).pipe(startWith(0))]).pipe(handle(([e]) => save(e))),
};

/** Lives that end, begin late or begin again. */
const living: Builds = {
  'timeout, finalize, handle': ({ changes$, save }) =>
    changes$.pipe(
      timeout(60_000),
      finalize(() => undefined),
      handle(save),
    ),
  'takeUntil, handle': ({ changes$, save }) => changes$.pipe(takeUntil(timer(300)), handle(save)),
  'handle that fails once, retry({ delay })': ({ changes$, save }) => {
    let failed = false;
    return changes$.pipe(
      handle(async (e) => {
        if (!failed && e.data.AnnualRevenue === 7) {
          failed = true;
          throw new Error('once');
        }
        return save(e);
      }),
      retry({ delay: 20 }),
    );
  },
  'handle, limit, repeat': ({ changes$, save }) => changes$.pipe(handle(save), limit(10), repeat({ count: 3 })),
  'defer, handle': ({ changes$, save }) => defer(() => changes$).pipe(handle(save)),
  'from(changes$), handle': ({ changes$, save }) => from(changes$).pipe(handle(save)),
  'subscribeOn, handle': ({ changes$, save }) => changes$.pipe(subscribeOn(asyncScheduler), handle(save)),
  'firstValueFrom(preview$)': async ({ preview$ }) => {
    await firstValueFrom(preview$);
  },
  'lastValueFrom(handle, limit)': async ({ changes$, save }) => {
    await lastValueFrom(changes$.pipe(handle(save), limit(10)));
  },
};

/** Pipelines that keep to the rules: nothing is to be said about them. */
export const LAWFUL: Builds = { ...filtering, ...working, ...behind, ...mixing, ...living, ...sharing };

/**
 * What is said of each of these is one warning: that a subscriber's return counts, or what a preview of a store passes
 * over.
 */
export const WARNED: Builds = {
  'a synchronous subscriber': ({ changes$, saveSync, ends }) => {
    changes$.subscribe({ ...ends, next: saveSync });
  },
  'map, a synchronous subscriber': ({ changes$, saveSync, ends }) => {
    changes$.pipe(map((e) => e.data)).subscribe({ ...ends, next: saveSync });
  },
};
