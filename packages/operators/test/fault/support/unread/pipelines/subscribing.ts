/* eslint-disable @typescript-eslint/no-misused-promises, rxjs-x/no-async-subscribe -- what people write */
import { eachValueFrom } from '../each-value-from.js';
import { inGroupsOf, managed, withoutStore, type AccountEvent, type Operators, type Pipelines } from '../work.js';

/** Work in the subscriber, and in loops. */
export const subscribing = ({
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  take,
  tap,
  toArray,
}: Operators): Pipelines => ({
  'subscribe(saveSync)': ({ changes$, saveSync }) => {
    changes$.subscribe((e) => saveSync(e));
  },
  'subscribe(saveSync), managed': managed(({ changes$, saveSync }) => {
    changes$.subscribe((e) => saveSync(e));
  }),
  'subscribe(saveSync), without a store': withoutStore(({ changes$, saveSync }) => {
    changes$.subscribe((e) => saveSync(e));
  }),
  'subscribe(async …)': ({ changes$, save }) => {
    changes$.subscribe(async (e) => {
      await save(e);
    });
  },
  'subscribe(async …), managed': managed(({ changes$, save }) => {
    changes$.subscribe(async (e) => {
      await save(e);
    });
  }),
  'subscribe(async …), without a store': withoutStore(({ changes$, save }) => {
    changes$.subscribe(async (e) => {
      await save(e);
    });
  }),
  'subscribe({ next: async … })': ({ changes$, save, ends }) => {
    changes$.subscribe({
      ...ends,
      next: async (e) => {
        await save(e);
      },
    });
  },
  'subscribe((e) => save(e))': ({ changes$, save, ends }) => {
    changes$.subscribe({ ...ends, next: (e) => save(e) });
  },
  'filter, map(data), subscribe(async …)': ({ changes$, save }) => {
    changes$
      .pipe(
        filter((e) => e.header.changeType === 'CREATE'),
        map((e) => e.data),
      )
      .subscribe(async (account) => {
        await save(account);
      });
  },
  'tap(log), map(recordIds[0]), subscribe({ next: async … })': ({ changes$, save, ends }) => {
    changes$
      .pipe(
        tap(() => undefined),
        map((e) => e.header.recordIds[0]),
      )
      .subscribe({
        ...ends,
        next: async (id) => {
          await save(id);
        },
      });
  },
  'forEach(async …)': ({ changes$, save }) =>
    changes$.forEach(async (e) => {
      await save(e);
    }),
  'map(data), forEach(async …)': ({ changes$, save }) =>
    changes$.pipe(map((e) => e.data)).forEach(async (account) => {
      await save(account);
    }),
  'forEach(saveSync)': ({ changes$, saveSync }) => changes$.forEach((e) => saveSync(e)),
  'tap(async …)': ({ changes$, save }) =>
    changes$.pipe(
      tap(async (e) => {
        await save(e);
      }),
    ),
  'tap(async …), without a store': withoutStore(({ changes$, save }) =>
    changes$.pipe(
      tap(async (e) => {
        await save(e);
      }),
    ),
  ),
  'for await (changes$)': async ({ changes$, save }) => {
    for await (const e of changes$ as unknown as AsyncIterable<AccountEvent>) await save(e);
  },
  'for await (changes$), managed': managed(async ({ changes$, save }) => {
    for await (const e of changes$ as unknown as AsyncIterable<AccountEvent>) await save(e);
  }),
  'for await (eachValueFrom(changes$)), without a store': withoutStore(async ({ changes$, save }) => {
    for await (const e of eachValueFrom(changes$)) await save(e);
  }),
  'firstValueFrom in a loop': async ({ changes$, save }) => {
    for (;;) await save(await firstValueFrom(changes$));
  },
  'lastValueFrom(take(20), toArray()) in a loop': inGroupsOf(20, async ({ changes$, save }) => {
    for (;;) await save(await lastValueFrom(changes$.pipe(take(20), toArray())));
  }),
});
