import { handle } from '@rxforce/operators';
import { latest, managed, withoutStore, type AccountEvent, type Operators, type Pipelines } from '../work.js';

/** More than one source, and what happens when one of them fails. */
export const combining = ({
  BehaviorSubject,
  catchError,
  combineLatest,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  interval,
  map,
  merge,
  mergeMap,
  mergeWith,
  of,
  race,
  retry,
  startWith,
  switchMap,
  tap,
  timer,
  withLatestFrom,
  zip,
}: Operators): Pipelines => ({
  'withLatestFrom(config$), concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      withLatestFrom(new BehaviorSubject('config')),
      concatMap(([e]) => save(e)),
    ),
  'withLatestFrom(contacts$), handle(save)': ({ changes$, contacts$, save }) =>
    changes$.pipe(
      withLatestFrom(contacts$.pipe(startWith(undefined))),
      handle(([e]) => save(e)),
    ),
  'combineLatest([changes$, settings$]), concatMap(save)': ({ changes$, save }) =>
    combineLatest([changes$, interval(100).pipe(startWith(0))]).pipe(concatMap(([e]) => save(e))),
  'combineLatest([changes$, contacts$]), switchMap(save)': latest(({ changes$, contacts$, post }) =>
    combineLatest([changes$, contacts$.pipe(startWith(undefined))]).pipe(switchMap(([e]) => post(e.data))),
  ),
  'zip(changes$, interval), tap(saveSync)': ({ changes$, saveSync }) =>
    zip(changes$, interval(3)).pipe(tap(([e]) => saveSync(e))),
  'zip(changes$, interval), map(data), tap(saveSync)': ({ changes$, saveSync }) =>
    zip(changes$, interval(3)).pipe(
      map(([e]) => e.data),
      tap((account) => saveSync(account)),
    ),
  'merge(changes$, contacts$), map(data), concatMap(save)': ({ changes$, contacts$, save }) =>
    merge(changes$, contacts$).pipe(
      map((e) => e.data),
      concatMap((data) => save(data)),
    ),
  'merge(changes$, contacts$), map(data), concatMap(save), managed': managed(({ changes$, contacts$, save }) =>
    merge(changes$, contacts$).pipe(
      map((e) => e.data),
      concatMap((data) => save(data)),
    ),
  ),
  'merge(changes$, contacts$), concatMap(save)': ({ changes$, contacts$, save }) =>
    merge(changes$, contacts$).pipe(concatMap((e) => save(e))),
  'mergeWith(interval), concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      mergeWith(interval(50)),
      concatMap((e) => save(e)),
    ),
  'concat(of(loaded), changes$), concatMap(save)': ({ changes$, save }) =>
    concat(of('loaded'), changes$).pipe(concatMap((e) => save(e))),
  'race(changes$, timer), concatMap(save)': ({ changes$, save }) =>
    race(changes$, timer(60_000)).pipe(concatMap((e) => save(e))),
  'from(changes$), mergeMap(save)': ({ changes$, save }) => from(changes$).pipe(mergeMap((e) => save(e))),
  'defer(() => changes$), concatMap(save)': ({ changes$, save }) =>
    defer(() => changes$).pipe(concatMap((e) => save(e))),
  'timer, switchMap(() => changes$), concatMap(save)': ({ changes$, save }) =>
    timer(1).pipe(
      switchMap(() => changes$),
      concatMap((e) => save(e)),
    ),
  'login, switchMap(() => changes$), subscribe(saveSync)': ({ changes$, enrich, saveSync, ends }) => {
    from(enrich({} as AccountEvent))
      .pipe(switchMap(() => changes$))
      .subscribe({ ...ends, next: (e) => saveSync(e) });
  },
  'concatMap(saveOrFail), retry({ delay })': ({ changes$, saveOrFail }) =>
    changes$.pipe(
      concatMap((e) => saveOrFail(e)),
      retry({ delay: 10 }),
    ),
  'concatMap(saveOrFail), retry({ delay }), without a store': withoutStore(({ changes$, saveOrFail }) =>
    changes$.pipe(
      concatMap((e) => saveOrFail(e)),
      retry({ delay: 10 }),
    ),
  ),
  'concatMap(saveOrFail), catchError((_, caught) => caught)': ({ changes$, saveOrFail }) =>
    changes$.pipe(
      concatMap((e) => saveOrFail(e)),
      catchError((_: unknown, caught) => timer(10).pipe(switchMap(() => caught))),
    ),
  'concatMap(saveOrFail), catchError(() => EMPTY)': ({ changes$, saveOrFail }) =>
    changes$.pipe(
      concatMap((e) => saveOrFail(e)),
      catchError(() => EMPTY),
    ),
  'concatMap(saveOrFail)': ({ changes$, saveOrFail }) => changes$.pipe(concatMap((e) => saveOrFail(e))),
  'handle(saveOrFail), retry({ delay })': ({ changes$, saveOrFail }) =>
    changes$.pipe(
      handle((e) => saveOrFail(e)),
      retry({ delay: 10 }),
    ),
  'handle(saveOrFail), retry({ delay }), without a store': withoutStore(({ changes$, saveOrFail }) =>
    changes$.pipe(
      handle((e) => saveOrFail(e)),
      retry({ delay: 10 }),
    ),
  ),
});
