import { handle } from '@rxforce/operators';
import {
  inGroupsOf,
  latest,
  latestOfKey,
  managed,
  withoutStore,
  type Account,
  type AccountEvent,
  type Operators,
  type Pipelines,
} from '../work.js';

/** Batches, groups and states. */
export const collecting = ({
  buffer,
  bufferCount,
  bufferTime,
  bufferWhen,
  concatMap,
  debounceTime,
  delay,
  filter,
  groupBy,
  interval,
  map,
  mergeMap,
  pairwise,
  reduce,
  repeat,
  scan,
  startWith,
  switchMap,
  take,
  tap,
  timer,
  toArray,
  windowCount,
  windowTime,
}: Operators): Pipelines => ({
  'bufferTime, concatMap(saveAll)': ({ changes$, save }) =>
    changes$.pipe(
      bufferTime(20),
      concatMap((events) => save(events)),
    ),
  'bufferTime, concatMap(saveAll), managed': managed(({ changes$, save }) =>
    changes$.pipe(
      bufferTime(20),
      concatMap((events) => save(events)),
    ),
  ),
  'bufferTime, concatMap(saveAll), without a store': withoutStore(({ changes$, save }) =>
    changes$.pipe(
      bufferTime(20),
      concatMap((events) => save(events)),
    ),
  ),
  'bufferTime, filter(length), tap(saveSync)': ({ changes$, saveSync }) =>
    changes$.pipe(
      bufferTime(20),
      filter((events) => events.length > 0),
      tap((events) => saveSync(events)),
    ),
  'map(data), bufferTime, filter(length), mergeMap(saveAll)': ({ changes$, save }) =>
    changes$.pipe(
      map((e) => e.data),
      bufferTime(20),
      filter((accounts) => accounts.length > 0),
      mergeMap((accounts) => save(accounts)),
    ),
  'bufferCount(10), concatMap(saveAll)': inGroupsOf(10, ({ changes$, save }) =>
    changes$.pipe(
      bufferCount(10),
      concatMap((events) => save(events)),
    ),
  ),
  'bufferCount(10), tap(saveSync)': inGroupsOf(10, ({ changes$, saveSync }) =>
    changes$.pipe(
      bufferCount(10),
      tap((events) => saveSync(events)),
    ),
  ),
  'map(name), bufferCount(10), tap(saveSync)': inGroupsOf(10, ({ changes$, saveSync }) =>
    changes$.pipe(
      map((e) => e.data.Name),
      bufferCount(10),
      tap((names) => saveSync(names)),
    ),
  ),
  'bufferTime(20, null, 5), handle(saveAll)': ({ changes$, save }) =>
    changes$.pipe(
      bufferTime(20, null, 5),
      filter((events) => events.length > 0),
      handle((events) => save(events)),
    ),
  'buffer(interval), concatMap(saveAll)': ({ changes$, save }) =>
    changes$.pipe(
      buffer(interval(20)),
      concatMap((events) => save(events)),
    ),
  'bufferWhen(timer), mergeMap(saveAll)': ({ changes$, save }) =>
    changes$.pipe(
      bufferWhen(() => timer(20)),
      mergeMap((events) => save(events)),
    ),
  'windowTime, mergeMap(toArray, saveAll)': ({ changes$, save }) =>
    changes$.pipe(
      windowTime(20),
      mergeMap((window$) =>
        window$.pipe(
          toArray(),
          mergeMap((events) => save(events)),
        ),
      ),
    ),
  'windowCount(10), mergeMap(toArray), handle(saveAll)': inGroupsOf(10, ({ changes$, save }) =>
    changes$.pipe(
      windowCount(10),
      mergeMap((window$) => window$.pipe(toArray())),
      handle((events) => save(events)),
    ),
  ),
  'groupBy, mergeMap(concatMap(save))': ({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      mergeMap((group$) => group$.pipe(concatMap((e) => save(e)))),
    ),
  'groupBy, mergeMap(concatMap(save)), managed': managed(({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      mergeMap((group$) => group$.pipe(concatMap((e) => save(e)))),
    ),
  ),
  'groupBy(record), mergeMap(switchMap(save))': ({ changes$, post }) =>
    changes$.pipe(
      groupBy((e) => e.header.recordIds[0]),
      mergeMap((group$) => group$.pipe(switchMap((e) => post(e)))),
    ),
  'groupBy, mergeMap(debounceTime, concatMap(save))': latestOfKey(({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      mergeMap((group$) =>
        group$.pipe(
          debounceTime(15),
          concatMap((e) => save(e)),
        ),
      ),
    ),
  ),
  'groupBy, mergeMap(debounceTime, handle(save))': latestOfKey(({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      mergeMap((group$) =>
        group$.pipe(
          debounceTime(15),
          handle((e) => save(e)),
        ),
      ),
    ),
  ),
  'groupBy, mergeMap(bufferTime), handle(saveAll)': ({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      mergeMap((group$) => group$.pipe(bufferTime(20))),
      filter((events) => events.length > 0),
      handle((events) => save(events)),
    ),
  'groupBy, concatMap(handle(save))': ({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      concatMap((group$) => group$.pipe(handle((e) => save(e)))),
    ),
  'groupBy, mergeMap(handle(save))': ({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      mergeMap((group$) => group$.pipe(handle((e) => save(e)))),
    ),
  'scan(state), concatMap(saveState)': ({ changes$, save }) =>
    changes$.pipe(
      scan((state, e) => ({ ...state, ...e.data }), {} as Partial<Account>),
      concatMap((state) => save(state)),
    ),
  'scan(state), debounceTime, concatMap(saveState)': latest(({ changes$, save }) =>
    changes$.pipe(
      scan((state, e) => ({ ...state, ...e.data }), {} as Partial<Account>),
      debounceTime(15),
      concatMap((state) => save(state)),
    ),
  ),
  'scan(list), switchMap(saveAll)': latest(({ changes$, post }) =>
    changes$.pipe(
      scan((list, e) => [...list, e.data].slice(-50), [] as Account[]),
      switchMap((list) => post(list)),
    ),
  ),
  'take(20), toArray(), concatMap(saveAll), repeat()': inGroupsOf(20, ({ changes$, save }) =>
    changes$.pipe(
      take(20),
      toArray(),
      concatMap((events) => save(events)),
      repeat(),
    ),
  ),
  'take(20), reduce, concatMap(saveAll), repeat()': inGroupsOf(20, ({ changes$, save }) =>
    changes$.pipe(
      take(20),
      reduce((list, e) => [...list, e], [] as AccountEvent[]),
      concatMap((events) => save(events)),
      repeat(),
    ),
  ),
  'startWith(undefined), pairwise(), concatMap(save now)': ({ changes$, save }) =>
    changes$.pipe(
      startWith(undefined),
      pairwise(),
      concatMap(([, now]) => save(now)),
    ),
  'bufferCount(1_000), handle(saveAll)': inGroupsOf(1_000, ({ changes$, save }) =>
    changes$.pipe(
      bufferCount(1_000),
      handle((events) => save(events)),
    ),
  ),
  'windowCount(10), mergeMap(concatMap(save))': ({ changes$, save }) =>
    changes$.pipe(
      windowCount(10),
      mergeMap((window$) => window$.pipe(concatMap((e) => save(e)))),
    ),
  'groupBy, mergeMap(delay), subscribe(saveSync)': ({ changes$, saveSync, ends }) => {
    changes$
      .pipe(
        groupBy((e) => e.data.Industry),
        mergeMap((group$) => group$.pipe(delay(20))),
      )
      .subscribe({ ...ends, next: (e) => saveSync(e) });
  },
});
