/* eslint-disable @typescript-eslint/no-misused-promises -- what people write */
import { inGroupsOf, type Operators, type Pipelines } from '../work.js';

/** Groups and windows, and what people do with the values of each. */
export const parting = ({
  bufferCount,
  concatMap,
  exhaustMap,
  groupBy,
  map,
  mergeMap,
  tap,
  toArray,
  windowCount,
}: Operators): Pipelines => ({
  'groupBy, mergeMap(group), subscribe(saveSync)': ({ changes$, saveSync, ends }) => {
    changes$
      .pipe(
        groupBy((e) => e.data.Industry),
        mergeMap((group$) => group$),
      )
      .subscribe({ ...ends, next: (e) => saveSync(e) });
  },
  'groupBy, mergeMap(group), subscribe(async save)': ({ changes$, save, ends }) => {
    changes$
      .pipe(
        groupBy((e) => e.data.Industry),
        mergeMap((group$) => group$),
      )
      .subscribe({ ...ends, next: (e) => save(e) });
  },
  'groupBy, mergeMap(tap(saveSync))': ({ changes$, saveSync }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      mergeMap((group$) => group$.pipe(tap((e) => saveSync(e)))),
    ),
  'groupBy, mergeMap(tap(async save))': ({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      mergeMap((group$) =>
        group$.pipe(
          tap(async (e) => {
            await save(e);
          }),
        ),
      ),
    ),
  'groupBy, mergeMap(mergeMap(save)), subscribe(log)': ({ changes$, save, ends }) => {
    changes$
      .pipe(
        groupBy((e) => e.data.Industry),
        mergeMap((group$) => group$.pipe(mergeMap((e) => save(e)))),
      )
      .subscribe({ ...ends, next: () => undefined });
  },
  'groupBy, mergeMap(bufferCount), subscribe(saveAllSync)': inGroupsOf(7, ({ changes$, saveSync, ends }) => {
    changes$
      .pipe(
        groupBy((e) => e.data.Industry),
        mergeMap((group$) => group$.pipe(bufferCount(3))),
      )
      .subscribe({ ...ends, next: (events) => saveSync(events) });
  }),
  'groupBy, subscribe(group.subscribe(saveSync))': ({ changes$, saveSync, ends }) => {
    changes$.pipe(groupBy((e) => e.data.Industry)).subscribe({
      ...ends,
      next: (group$) => void group$.subscribe({ ...ends, next: (e) => saveSync(e) }),
    });
  },
  'groupBy, subscribe(group.subscribe(async save))': ({ changes$, save, ends }) => {
    changes$.pipe(groupBy((e) => e.data.Industry)).subscribe({
      ...ends,
      next: (group$) => void group$.subscribe({ ...ends, next: (e) => save(e) }),
    });
  },
  'groupBy, subscribe(group.pipe(concatMap(save)).subscribe())': ({ changes$, save, ends }) => {
    changes$.pipe(groupBy((e) => e.data.Industry)).subscribe({
      ...ends,
      next: (group$) => void group$.pipe(concatMap((e) => save(e))).subscribe(ends),
    });
  },
  'groupBy, subscribe(group.pipe(exhaustMap(save)).subscribe(log))': {
    covers: 'what it begins',
    build: ({ changes$, save, ends }) => {
      changes$.pipe(groupBy((e) => e.data.Industry)).subscribe({
        ...ends,
        next: (group$) => void group$.pipe(exhaustMap((e) => save(e))).subscribe({ ...ends, next: () => undefined }),
      });
    },
  },
  'groupBy, map(group.pipe(toArray)), mergeMap(saveAll)': inGroupsOf(1_000, ({ changes$, save }) =>
    changes$.pipe(
      groupBy((e) => e.data.Industry),
      map((group$) => group$.pipe(toArray())),
      mergeMap((events$) => events$.pipe(mergeMap((events) => save(events)))),
    ),
  ),
  'windowCount(10), mergeMap(window), subscribe(saveSync)': ({ changes$, saveSync, ends }) => {
    changes$
      .pipe(
        windowCount(10),
        mergeMap((window$) => window$),
      )
      .subscribe({ ...ends, next: (e) => saveSync(e) });
  },
  'windowCount(10), mergeMap(toArray), subscribe(saveAllSync)': inGroupsOf(10, ({ changes$, saveSync, ends }) => {
    changes$
      .pipe(
        windowCount(10),
        mergeMap((window$) => window$.pipe(toArray())),
      )
      .subscribe({ ...ends, next: (events) => saveSync(events) });
  }),
  'windowCount(10), subscribe(window.subscribe(async save))': ({ changes$, save, ends }) => {
    changes$.pipe(windowCount(10)).subscribe({
      ...ends,
      next: (window$) => void window$.subscribe({ error: ends.error, next: (e) => save(e) }),
    });
  },
});
