/* eslint-disable rxjs-x/no-unsafe-takeuntil -- what people write */
import { begun, latest, managed, type Operators, type Pipelines } from '../work.js';

/** Later, seldom, or for a while. */
export const timing = ({
  asyncScheduler,
  auditTime,
  concatMap,
  debounceTime,
  delay,
  delayWhen,
  exhaustMap,
  interval,
  map,
  observeOn,
  of,
  sample,
  sampleTime,
  subscribeOn,
  takeUntil,
  tap,
  throttleTime,
  timeout,
  timer,
}: Operators): Pipelines => ({
  'tap(saveSync)': ({ changes$, saveSync }) => changes$.pipe(tap((e) => saveSync(e))),
  'map(data), tap(saveSync)': ({ changes$, saveSync }) =>
    changes$.pipe(
      map((e) => e.data),
      tap((account) => saveSync(account)),
    ),
  'delay, tap(saveSync)': ({ changes$, saveSync }) =>
    changes$.pipe(
      delay(20),
      tap((e) => saveSync(e)),
    ),
  'delay, tap(saveSync), managed': managed(({ changes$, saveSync }) =>
    changes$.pipe(
      delay(20),
      tap((e) => saveSync(e)),
    ),
  ),
  'delay, subscribe(saveSync)': ({ changes$, saveSync, ends }) => {
    changes$.pipe(delay(20)).subscribe({ ...ends, next: (e) => saveSync(e) });
  },
  'map(name), delay, subscribe(saveSync)': ({ changes$, saveSync, ends }) => {
    changes$
      .pipe(
        map((e) => e.data.Name),
        delay(20),
      )
      .subscribe({ ...ends, next: (name) => saveSync(name) });
  },
  'delayWhen(timer), concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      delayWhen(() => timer(10)),
      concatMap((e) => save(e)),
    ),
  'concatMap(of(e), delay), subscribe(saveSync)': ({ changes$, saveSync, ends }) => {
    changes$.pipe(concatMap((e) => of(e).pipe(delay(3)))).subscribe({ ...ends, next: (e) => saveSync(e) });
  },
  'debounceTime, concatMap(save)': latest(({ changes$, save }) =>
    changes$.pipe(
      debounceTime(15),
      concatMap((e) => save(e)),
    ),
  ),
  'debounceTime, subscribe(saveSync)': latest(({ changes$, saveSync, ends }) => {
    changes$.pipe(debounceTime(15)).subscribe({ ...ends, next: (e) => saveSync(e) });
  }),
  'auditTime, concatMap(save)': latest(({ changes$, save }) =>
    changes$.pipe(
      auditTime(10),
      concatMap((e) => save(e)),
    ),
  ),
  'sampleTime, exhaustMap(save)': begun(({ changes$, save }) =>
    changes$.pipe(
      sampleTime(10),
      exhaustMap((e) => save(e)),
    ),
  ),
  'sample(interval), tap(saveSync)': latest(({ changes$, saveSync }) =>
    changes$.pipe(
      sample(interval(15)),
      tap((e) => saveSync(e)),
    ),
  ),
  'throttleTime, concatMap(save)': begun(({ changes$, save }) =>
    changes$.pipe(
      throttleTime(10),
      concatMap((e) => save(e)),
    ),
  ),
  'observeOn(asyncScheduler), tap(saveSync)': ({ changes$, saveSync }) =>
    changes$.pipe(
      observeOn(asyncScheduler),
      tap((e) => saveSync(e)),
    ),
  'observeOn(asyncScheduler), subscribe(saveSync)': ({ changes$, saveSync, ends }) => {
    changes$.pipe(observeOn(asyncScheduler)).subscribe({ ...ends, next: (e) => saveSync(e) });
  },
  'subscribeOn(asyncScheduler), concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      subscribeOn(asyncScheduler),
      concatMap((e) => save(e)),
    ),
  'timeout, concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      timeout(60_000),
      concatMap((e) => save(e)),
    ),
  'takeUntil(timer), concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      takeUntil(timer(400)),
      concatMap((e) => save(e)),
    ),
  'concatMap(save), takeUntil(timer)': ({ changes$, save }) =>
    changes$.pipe(
      concatMap((e) => save(e)),
      takeUntil(timer(400)),
    ),
});
