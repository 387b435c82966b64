/* eslint-disable @typescript-eslint/no-misused-promises -- what people write */
import { handle } from '@rxforce/operators';
import { eachValueFrom } from '../each-value-from.js';
import { inGroupsOf, type Account, type AccountEvent, type Operators, type Pipelines } from '../work.js';

/**
 * What cannot be seen while it runs, and is left to lint and the docs: the library is shown work, and the work that
 * counts is done out of its sight.
 */
export const unseen = ({
  bufferTime,
  concatMap,
  filter,
  map,
  mergeMap,
  Observable,
  scan,
  Subject,
  tap,
}: Operators): Pipelines => ({
  // Behind the work a collector for a log looks the same, until what is behind it emits.
  'handle(enrich), bufferTime, concatMap(saveAll)': ({ changes$, enrich, save }) =>
    changes$.pipe(
      handle((e) => enrich(e)),
      bufferTime(20),
      concatMap((events) => save(events)),
    ),
  'a promise left alone in handle': ({ changes$, save }) =>
    changes$.pipe(
      handle((e) => {
        void save(e);
        return [];
      }),
    ),
  'a promise left alone in subscribe': ({ changes$, save, ends }) => {
    changes$.subscribe({
      ...ends,
      next: (e) => {
        void save(e);
      },
    });
  },
  'tap(async …) before a synchronous handler': ({ changes$, save }) =>
    changes$.pipe(
      tap(async (e) => {
        await save(e);
      }),
      handle(() => []),
    ),
  'Subject as a bus: handle(audit), map(data), concatMap(save)': ({ changes$, save, ends }) => {
    const bus = new Subject<AccountEvent>();
    bus.pipe(handle(() => [])).subscribe(ends);
    bus
      .pipe(
        map((e) => e.data),
        concatMap((account) => save(account)),
      )
      .subscribe(ends);
    changes$.subscribe(bus);
  },
  'a wrapper that hides the stream, a promise left alone': ({ changes$, save, ends }) => {
    const wrapped$ = new Observable<Account>((subscriber) =>
      changes$.subscribe({ ...ends, next: (e) => subscriber.next(e.data) }),
    );
    wrapped$.pipe(concatMap((account) => save(account))).subscribe(ends);
  },
  'scan(list), filter(every tenth), tap(saveSync), handle': inGroupsOf(10, ({ changes$, saveSync }) =>
    changes$.pipe(
      scan((list, e) => [...list, e.data.Name].slice(-10), [] as string[]),
      filter((list) => list.length === 10 && Number(list[9]?.slice(1)) % 10 === 0),
      handle((list) => {
        saveSync(list);
        return [];
      }),
    ),
  ),
  'for await (eachValueFrom(changes$))': async ({ changes$, save }) => {
    for await (const e of eachValueFrom(changes$)) await save(e);
  },
  'for await (eachValueFrom(map(data)))': async ({ changes$, save }) => {
    for await (const account of eachValueFrom(changes$.pipe(map((e) => e.data)))) await save(account);
  },
  'subject.next in subscribe, mergeMap(save)': ({ changes$, save, ends }) => {
    const accounts = new Subject<AccountEvent['data']>();
    accounts.pipe(mergeMap((account) => save(account))).subscribe(ends);
    changes$.subscribe({ ...ends, next: (e) => accounts.next(e.data) });
  },
  'a service with asObservable(), map(data), concatMap(save)': ({ changes$, save, ends }) => {
    const subject = new Subject<AccountEvent>();
    const accounts$ = subject.asObservable().pipe(
      map((e) => e.data),
      tap(() => undefined),
    );
    accounts$.pipe(concatMap((account) => save(account))).subscribe(ends);
    changes$.subscribe({ ...ends, next: (e) => subject.next(e) });
  },
  'handle(enrich), tap(async …)': ({ changes$, enrich, save }) =>
    changes$.pipe(
      handle((e) => enrich(e)),
      tap(async (e) => {
        await save(e);
      }),
    ),
});
