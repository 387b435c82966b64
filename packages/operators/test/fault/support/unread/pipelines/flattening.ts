import { begun, latest, managed, withoutStore, type Operators, type Pipelines } from '../work.js';

/** One thing to do for each event, as tutorials on the mapping operators have it. */
export const flattening = ({
  catchError,
  concatAll,
  concatMap,
  defer,
  delay,
  EMPTY,
  exhaustMap,
  filter,
  forkJoin,
  from,
  ignoreElements,
  map,
  mergeAll,
  mergeMap,
  mergeScan,
  of,
  retry,
  switchMap,
  tap,
  timer,
}: Operators): Pipelines => ({
  'concatMap(save)': ({ changes$, save }) => changes$.pipe(concatMap((e) => save(e))),
  'concatMap(save), managed': managed(({ changes$, save }) => changes$.pipe(concatMap((e) => save(e)))),
  'concatMap(save), without a store': withoutStore(({ changes$, save }) => changes$.pipe(concatMap((e) => save(e)))),
  'concatMap(from(save))': ({ changes$, save }) => changes$.pipe(concatMap((e) => from(save(e)))),
  'concatMap(post)': ({ changes$, post }) => changes$.pipe(concatMap((e) => post(e))),
  'concatMap(async (e) => { await save(e) })': ({ changes$, save }) =>
    changes$.pipe(
      concatMap(async (e) => {
        await save(e);
      }),
    ),
  'map(data), concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      map((e) => e.data),
      concatMap((account) => save(account)),
    ),
  'map(data), concatMap(save), managed': managed(({ changes$, save }) =>
    changes$.pipe(
      map((e) => e.data),
      concatMap((account) => save(account)),
    ),
  ),
  'map(recordIds[0]), concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      map((e) => e.header.recordIds[0]),
      concatMap((id) => save(id)),
    ),
  'filter, map(name), mergeMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      filter((e) => e.header.changeType === 'CREATE'),
      map((e) => e.data.Name),
      mergeMap((name) => save(name)),
    ),
  'mergeMap(save)': ({ changes$, save }) => changes$.pipe(mergeMap((e) => save(e))),
  'mergeMap(save), managed': managed(({ changes$, save }) => changes$.pipe(mergeMap((e) => save(e)))),
  'mergeMap(async …, 5)': ({ changes$, save }) => changes$.pipe(mergeMap(async (e) => save(e.data), 5)),
  'mergeMap(post)': ({ changes$, post }) => changes$.pipe(mergeMap((e) => post(e))),
  'switchMap(save)': latest(({ changes$, post }) => changes$.pipe(switchMap((e) => post(e)))),
  'exhaustMap(save)': begun(({ changes$, save }) => changes$.pipe(exhaustMap((e) => save(e)))),
  'map(async …), mergeAll()': ({ changes$, save }) =>
    changes$.pipe(
      map(async (e) => save(e)),
      mergeAll(),
    ),
  'map(post), concatAll()': ({ changes$, post }) =>
    changes$.pipe(
      map((e) => post(e)),
      concatAll(),
    ),
  'map(async …)': ({ changes$, save }) => changes$.pipe(map(async (e) => save(e))),
  'concatMap(enrich), concatMap(save)': ({ changes$, enrich, save }) =>
    changes$.pipe(
      concatMap((e) => enrich(e)),
      concatMap((e) => save(e)),
    ),
  'concatMap(enrich), tap(saveSync)': ({ changes$, enrich, saveSync }) =>
    changes$.pipe(
      concatMap((e) => enrich(e)),
      tap((e) => saveSync(e)),
    ),
  'mergeMap(post with retry)': ({ changes$, save }) =>
    changes$.pipe(mergeMap((e) => defer(() => save(e)).pipe(retry(3)))),
  'concatMap(post with catchError(() => EMPTY))': ({ changes$, post }) =>
    changes$.pipe(concatMap((e) => post(e).pipe(catchError(() => EMPTY)))),
  'concatMap(of(e), delay, tap(saveSync))': ({ changes$, saveSync }) =>
    changes$.pipe(
      concatMap((e) =>
        of(e).pipe(
          delay(3),
          tap((late) => saveSync(late)),
        ),
      ),
    ),
  'concatMap(timer, save)': ({ changes$, save }) =>
    changes$.pipe(concatMap((e) => timer(1).pipe(concatMap(() => save(e))))),
  'concatMap(forkJoin)': ({ changes$, enrich, save }) =>
    changes$.pipe(concatMap((e) => forkJoin([enrich(e), save(e)]))),
  'mergeScan(save)': ({ changes$, save }) =>
    changes$.pipe(mergeScan((count, e) => from(save(e)).pipe(map(() => count + 1)), 0, 1)),
  'filter, concatMap(Promise.all(recordIds))': ({ changes$, save }) =>
    changes$.pipe(
      filter((e) => e.header.recordIds.length > 0),
      concatMap((e) => Promise.all(e.header.recordIds.map((id) => save(id)))),
    ),
  'concatMap(save, ignoreElements)': ({ changes$, save }) =>
    changes$.pipe(concatMap((e) => from(save(e)).pipe(ignoreElements()))),
  'map(of), mergeMap(concatMap(save))': ({ changes$, save }) =>
    changes$.pipe(
      map((e) => of(e)),
      mergeMap((each$) => each$.pipe(concatMap((e) => save(e)))),
    ),
});
