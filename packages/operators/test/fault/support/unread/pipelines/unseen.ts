/* eslint-disable @typescript-eslint/no-misused-promises, rxjs-x/no-async-subscribe -- what people write */
import { concatMap, filter, map, Observable, scan, Subject, tap } from 'rxjs';
import { handle } from '@rxforce/operators';
import { inGroupsOf, type Account, type AccountEvent, type Pipelines } from '../work.js';

/**
 * What cannot be seen while it runs, and is left to lint and the docs: the library is shown work, and the work that counts
 * is done out of its sight.
 */
export const unseen: Pipelines = {
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
};
