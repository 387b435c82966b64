/* eslint-disable @typescript-eslint/no-misused-promises, rxjs-x/no-async-subscribe -- what people write */
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { batchBy, byChangeType, handle, meter, retryWithDLQ } from '@rxforce/operators';
import {
  latest,
  managed,
  withoutStore,
  type AccountEvent,
  type Build,
  type Operators,
  type Pipelines,
} from '../work.js';

/** rxforce's own operators, between others. */
export const halfRead = ({
  asyncScheduler,
  bufferTime,
  concatMap,
  debounceTime,
  delay,
  filter,
  map,
  mergeMap,
  observeOn,
  of,
  scan,
  switchMap,
  tap,
  timer,
}: Operators): Pipelines => {
  const enrichThenHandle: Build = ({ changes$, enrich, save }) =>
    changes$.pipe(
      concatMap((e) => enrich(e)),
      handle((e) => save(e)),
    );

  const handleThenSave: Build = ({ changes$, enrich, save }) =>
    changes$.pipe(
      handle((e) => enrich(e)),
      concatMap((e) => save(e)),
    );
  return {
    'handle(save)': ({ changes$, save }) => changes$.pipe(handle((e) => save(e))),
    'handle(save), managed': managed(({ changes$, save }) => changes$.pipe(handle((e) => save(e)))),
    'map(data), handle(save)': ({ changes$, save }) =>
      changes$.pipe(
        map((e) => e.data),
        handle((account) => save(account)),
      ),
    'handle(enrich), concatMap(save)': handleThenSave,
    'handle(enrich), concatMap(save), managed': managed(handleThenSave),
    'handle(enrich), mergeMap(post)': ({ changes$, enrich, post }) =>
      changes$.pipe(
        handle((e) => enrich(e)),
        mergeMap((e) => post(e)),
      ),
    'handle(enrich), concatMap(async (e) => { await save(e) })': ({ changes$, enrich, save }) =>
      changes$.pipe(
        handle((e) => enrich(e)),
        concatMap(async (e) => {
          await save(e);
        }),
      ),
    'concatMap(enrich after 15 s), handle(save)': ({ changes$, enrich, save }) =>
      changes$.pipe(
        concatMap((e) => timer(1_500).pipe(concatMap(() => enrich(e)))),
        handle((e) => save(e)),
      ),
    'handle(enrich), subscribe(async …)': ({ changes$, enrich, save, ends }) => {
      changes$.pipe(handle((e) => enrich(e))).subscribe({
        ...ends,
        next: async (e) => {
          await save(e);
        },
      });
    },
    'handle(save), bufferTime, subscribe(log)': ({ changes$, save, ends }) => {
      changes$
        .pipe(
          handle((e) => save(e)),
          bufferTime(50),
        )
        .subscribe({ ...ends, next: () => undefined });
    },
    'handle(save), scan(count), debounceTime, tap(metrics)': ({ changes$, save }) =>
      changes$.pipe(
        handle((e) => save(e)),
        scan((count) => count + 1, 0),
        debounceTime(10),
        tap(() => undefined),
      ),
    'concatMap(enrich), handle(save)': enrichThenHandle,
    'concatMap(enrich), handle(save), managed': managed(enrichThenHandle),
    'concatMap(enrich), handle(save), without a store': withoutStore(enrichThenHandle),
    'concatMap(enrich), map(data), handle(save)': ({ changes$, enrich, save }) =>
      changes$.pipe(
        concatMap((e) => enrich(e)),
        map((e) => e.data),
        handle((account) => save(account)),
      ),
    'switchMap(enrich), handle(save)': latest(({ changes$, enrich, save }) =>
      changes$.pipe(
        switchMap((e) => enrich(e)),
        handle((e) => save(e)),
      ),
    ),
    'delay, handle(save)': ({ changes$, save }) =>
      changes$.pipe(
        delay(20),
        handle((e) => save(e)),
      ),
    'map(name), delay, handle(save)': ({ changes$, save }) =>
      changes$.pipe(
        map((e) => e.data.Name),
        delay(20),
        handle((name) => save(name)),
      ),
    'observeOn(asyncScheduler), handle(save)': ({ changes$, save }) =>
      changes$.pipe(
        observeOn(asyncScheduler),
        handle((e) => save(e)),
      ),
    'debounceTime, handle(save)': latest(({ changes$, save }) =>
      changes$.pipe(
        debounceTime(15),
        handle((e) => save(e)),
      ),
    ),
    'bufferTime, handle(saveAll)': ({ changes$, save }) =>
      changes$.pipe(
        bufferTime(20),
        filter((events) => events.length > 0),
        handle((events) => save(events)),
      ),
    'mergeMap(cached or fetched), handle(save)': ({ changes$, enrich, save }) => {
      const cache = new Set<string>();
      const cachedOrFetched = (e: AccountEvent) => {
        if (e.data.AnnualRevenue % 5 > 0 && cache.has(e.data.Industry)) return of(e);
        cache.add(e.data.Industry);
        return enrich(e);
      };
      return changes$.pipe(
        mergeMap(cachedOrFetched),
        handle((e) => save(e)),
      );
    },
    'batchBy, concatMap(saveAll)': ({ changes$, save }) =>
      changes$.pipe(
        batchBy(10, 200),
        concatMap((events) => save(events)),
      ),
    'batchBy, handle(saveAll)': ({ changes$, save }) =>
      changes$.pipe(
        batchBy(10, 200),
        handle((events) => save(events)),
      ),
    'batchBy, handle(events.map(save))': ({ changes$, save }) =>
      changes$.pipe(
        batchBy(10, 200),
        handle((events) => events.map((e) => save(e))),
      ),
    'byChangeType, concatMap(save)': ({ changes$, save }) =>
      changes$.pipe(
        byChangeType('CREATE'),
        concatMap((e) => save(e)),
      ),
    'byChangeType, subscribe(async …)': ({ changes$, save, ends }) => {
      changes$.pipe(byChangeType('CREATE')).subscribe({
        ...ends,
        next: async (e) => {
          await save(e);
        },
      });
    },
    'meter, concatMap(save)': ({ changes$, save }) =>
      changes$.pipe(
        meter().measure,
        concatMap((e) => save(e)),
      ),
    'retryWithDLQ(saveOrFail)': ({ changes$, saveOrFail }) =>
      changes$.pipe(retryWithDLQ((e) => saveOrFail(e), { delays: () => 1, deadLetters: memoryDeadLetterQueue() })),
    'concatMap(enrich), retryWithDLQ(save)': ({ changes$, enrich, save }) =>
      changes$.pipe(
        concatMap((e) => enrich(e)),
        retryWithDLQ((e) => save(e), { delays: () => 1, deadLetters: memoryDeadLetterQueue() }),
      ),
  };
};
