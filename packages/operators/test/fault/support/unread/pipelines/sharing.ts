/* eslint-disable @typescript-eslint/no-misused-promises, rxjs-x/no-async-subscribe, rxjs-x/no-sharereplay, @typescript-eslint/no-deprecated, rxjs-x/no-subscribe-in-pipe, @typescript-eslint/no-unsafe-class-instance-assignment -- what people write */
import type { ConnectableObservable } from 'rxjs';
import { handle } from '@rxforce/operators';
import { managed, type AccountEvent, type Operators, type Pipelines } from '../work.js';

/** Several consumers, buses and wrappers. */
export const sharing = ({
  BehaviorSubject,
  concatMap,
  connect,
  filter,
  map,
  merge,
  Observable,
  publish,
  refCount,
  ReplaySubject,
  share,
  shareReplay,
  Subject,
}: Operators): Pipelines => ({
  'share(): log, concatMap(save)': ({ changes$, save, ends }) => {
    const shared$ = changes$.pipe(share());
    shared$.subscribe({ error: () => undefined });
    shared$.pipe(concatMap((e) => save(e))).subscribe(ends);
  },
  'share(): subscribe(log), map(data), concatMap(save)': ({ changes$, save, ends }) => {
    const shared$ = changes$.pipe(share());
    shared$.subscribe({ next: () => undefined, error: () => undefined });
    shared$
      .pipe(
        map((e) => e.data),
        concatMap((account) => save(account)),
      )
      .subscribe(ends);
  },
  'share(): handle(save), bare log': ({ changes$, save, ends }) => {
    const shared$ = changes$.pipe(share());
    shared$.pipe(handle((e) => save(e))).subscribe(ends);
    shared$.subscribe({ error: () => undefined });
  },
  'share(): subscribe(async …), subscribe(log)': ({ changes$, save, ends }) => {
    const shared$ = changes$.pipe(share());
    shared$.subscribe({
      ...ends,
      next: async (e) => {
        await save(e);
      },
    });
    shared$.subscribe({ next: () => undefined, error: () => undefined });
  },
  'connect(merge(concatMap(save), concatMap(save)))': ({ changes$, save }) =>
    changes$.pipe(
      connect((shared$) =>
        merge(
          shared$.pipe(
            filter((e) => e.data.AnnualRevenue % 2 === 0),
            concatMap((e) => save(e)),
          ),
          shared$.pipe(
            filter((e) => e.data.AnnualRevenue % 2 === 1),
            concatMap((e) => save(e)),
          ),
        ),
      ),
    ),
  'connect(merge(handle(save), concatMap(save)))': ({ changes$, save }) =>
    changes$.pipe(
      connect((shared$) =>
        merge(
          shared$.pipe(
            filter((e) => e.data.AnnualRevenue % 2 === 0),
            handle((e) => save(e)),
          ),
          shared$.pipe(
            filter((e) => e.data.AnnualRevenue % 2 === 1),
            concatMap((e) => save(e)),
          ),
        ),
      ),
    ),
  'publish(), refCount(), concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      publish(),
      refCount(),
      concatMap((e) => save(e)),
    ),
  'publish(), concatMap(save), connect()': ({ changes$, save, ends }) => {
    const published$ = changes$.pipe(publish()) as ConnectableObservable<AccountEvent>;
    published$.pipe(concatMap((e) => save(e))).subscribe(ends);
    published$.connect();
  },
  'shareReplay(1), concatMap(save)': ({ changes$, save }) =>
    changes$.pipe(
      shareReplay(1),
      concatMap((e) => save(e)),
    ),
  'shareReplay(1): handle(save), late log': ({ changes$, save, ends }) => {
    const shared$ = changes$.pipe(shareReplay({ bufferSize: 1, refCount: true }));
    shared$.pipe(handle((e) => save(e))).subscribe(ends);
    setTimeout(() => shared$.subscribe({ next: () => undefined, error: () => undefined }), 50);
  },
  'Subject as a bus: concatMap(save)': ({ changes$, save, ends }) => {
    const bus = new Subject<AccountEvent>();
    bus.pipe(concatMap((e) => save(e))).subscribe(ends);
    changes$.subscribe(bus);
  },
  'Subject as a bus: concatMap(save), managed': managed(({ changes$, save, ends }) => {
    const bus = new Subject<AccountEvent>();
    bus.pipe(concatMap((e) => save(e))).subscribe(ends);
    changes$.subscribe(bus);
  }),
  'Subject as a bus: handle(save)': ({ changes$, save, ends }) => {
    const bus = new Subject<AccountEvent>();
    bus.pipe(handle((e) => save(e))).subscribe(ends);
    changes$.subscribe(bus);
  },
  'Subject as a bus: map(data), subscribe(async …)': ({ changes$, save, ends }) => {
    const bus = new Subject<AccountEvent>();
    bus.pipe(map((e) => e.data)).subscribe({
      ...ends,
      next: async (account) => {
        await save(account);
      },
    });
    changes$.subscribe(bus);
  },
  'BehaviorSubject as a state, filter, concatMap(save)': ({ changes$, save, ends }) => {
    const state = new BehaviorSubject<AccountEvent | undefined>(undefined);
    state
      .pipe(
        filter((e) => e !== undefined),
        concatMap((e) => save(e)),
      )
      .subscribe(ends);
    changes$.subscribe(state);
  },
  'ReplaySubject, concatMap(save)': ({ changes$, save, ends }) => {
    const replay = new ReplaySubject<AccountEvent>(10);
    changes$.subscribe(replay);
    replay.pipe(concatMap((e) => save(e))).subscribe(ends);
  },
  'new Observable(changes$.subscribe(s)), concatMap(save)': ({ changes$, save }) =>
    new Observable<AccountEvent>((subscriber) => changes$.subscribe(subscriber)).pipe(concatMap((e) => save(e))),
  'new Observable(changes$.subscribe(s)), subscribe(async …)': ({ changes$, save, ends }) => {
    const wrapped$ = new Observable<AccountEvent>((subscriber) => changes$.subscribe(subscriber));
    wrapped$.subscribe({
      ...ends,
      next: async (e) => {
        await save(e);
      },
    });
  },
  'new Observable({ next }), handle(save)': ({ changes$, save }) =>
    new Observable<AccountEvent>((subscriber) =>
      changes$.subscribe({
        next: (e) => subscriber.next(e),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    ).pipe(handle((e) => save(e))),
});
