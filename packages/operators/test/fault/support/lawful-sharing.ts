/* eslint-disable @typescript-eslint/no-deprecated, rxjs-x/no-subscribe-in-pipe -- what people write */
import {
  connect,
  filter,
  lastValueFrom,
  merge,
  Observable,
  publish,
  refCount,
  share,
  shareReplay,
  Subject,
  take,
  tap,
  toArray,
} from 'rxjs';
import { handle } from '@rxforce/operators';
import type { Lawful, LawfulBuild } from './false-alarm.js';

/** Pipelines, by what they are. */
export type Builds = Readonly<Record<string, LawfulBuild>>;

/** Several consumers of one stream. */
export const sharing: Builds = {
  'connect, two filters with handle': ({ changes$, save }) =>
    changes$.pipe(
      connect((shared$) =>
        merge(
          shared$.pipe(
            filter((e) => e.data.AnnualRevenue % 2 === 0),
            handle(save),
          ),
          shared$.pipe(
            filter((e) => e.data.AnnualRevenue % 2 === 1),
            handle(save),
          ),
        ),
      ),
    ),
  'connect, both branches filter all': ({ changes$, none, save }) =>
    changes$.pipe(
      tap(none),
      connect((shared$) =>
        merge(
          shared$.pipe(
            filter(() => false),
            handle(save),
          ),
          shared$.pipe(
            filter(() => false),
            handle(save),
          ),
        ),
      ),
    ),
  'share: a bare log, a filter of all with handle': ({ changes$, none, save, ends }) => {
    const shared$ = changes$.pipe(share());
    shared$.subscribe(ends);
    shared$.pipe(filter(none), handle(save)).subscribe(ends);
  },
  'share: handle, then a bare log': ({ changes$, save, ends }) => {
    const shared$ = changes$.pipe(share());
    shared$.pipe(handle(save)).subscribe(ends);
    shared$.subscribe(ends);
  },
  'share: handle subscribed to in a later tick': async ({ changes$, save, ends }) => {
    const shared$ = changes$.pipe(share());
    shared$.subscribe(ends);
    await Promise.resolve();
    shared$.pipe(handle(save)).subscribe(ends);
  },
  'publish, refCount, handle': ({ changes$, save }) => changes$.pipe(publish(), refCount(), handle(save)),
  'shareReplay: handle, later a second handle': ({ changes$, save, ends }) => {
    const shared$ = changes$.pipe(shareReplay({ bufferSize: 1, refCount: true }));
    shared$.pipe(handle(save)).subscribe(ends);
    setTimeout(() => shared$.pipe(handle(() => [])).subscribe(ends), 150);
  },
  'a filter, shareReplay: handle, later a second handle': ({ changes$, even, save, ends }) => {
    const shared$ = changes$.pipe(filter(even), shareReplay({ bufferSize: 1, refCount: true }));
    shared$.pipe(handle(save)).subscribe(ends);
    setTimeout(() => shared$.pipe(handle(() => [])).subscribe(ends), 150);
  },
  'a Subject as a bus, handle': ({ changes$, save, ends }) => {
    const bus = new Subject<Lawful>();
    bus.pipe(handle(save)).subscribe(ends);
    changes$.subscribe(bus);
  },
  'a Subject as a bus, a filter of all, handle': ({ changes$, none, save, ends }) => {
    const bus = new Subject<Lawful>();
    bus.pipe(filter(none), handle(save)).subscribe(ends);
    changes$.subscribe(bus);
  },
  'a Subject as a bus, handle subscribed to a tick later': async ({ changes$, save, ends }) => {
    const bus = new Subject<Lawful>();
    changes$.subscribe(bus);
    await Promise.resolve();
    bus.pipe(handle(save)).subscribe(ends);
  },
  'a wrapper, handle': ({ changes$, save }) =>
    new Observable<Lawful>((subscriber) => changes$.subscribe(subscriber)).pipe(handle(save)),
  'a wrapper of next, a filter of all, handle': ({ changes$, none, save }) =>
    new Observable<Lawful>((subscriber) =>
      changes$.subscribe({ next: (e) => subscriber.next(e), error: (error: unknown) => subscriber.error(error) }),
    ).pipe(filter(none), handle(save)),
  'lastValueFrom(take, toArray) of preview$': async ({ preview$ }) => {
    await lastValueFrom(preview$.pipe(take(10), toArray()));
  },
};
