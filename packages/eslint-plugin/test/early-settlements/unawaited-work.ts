import { TWINS_MODULE } from '../../src/operator-names.js';
import { file, pipeline } from '../support/given.js';
import { told, unfixed } from './given-cases.js';

/** Work after the last work. */
export const BEHIND_WORK = [
  {
    name: 'work after the last work, and a bare subscriber',
    code: file(
      "import { concatMap } from 'rxjs';\nimport { handle } from '@rxforce/operators';",
      'kept$.pipe(handle(save), concatMap((e) => save(e))).subscribe();',
    ),
    errors: [told('behindWork', 'concatMap')],
    output: file(
      `import { concatMap } from '${TWINS_MODULE}';\nimport { handle } from '@rxforce/operators';`,
      'kept$.pipe(handle(save), concatMap((e) => save(e))).subscribe();',
    ),
  },
  unfixed(
    'tap(async) after the last work, and only an error handler',
    pipeline(
      'tap',
      'handle',
      'kept$.pipe(handle(save), tap(async (e) => { await save(e); })).subscribe({ error: log });',
    ),
    told('notAwaited', 'tap'),
  ),
];

/** Operators that do not wait for what their function returns. */
export const CALLS = [
  unfixed(
    'tap(async)',
    pipeline('tap', '', 'kept$.pipe(tap(async (e) => { await save(e); })).subscribe();'),
    told('notAwaited', 'tap'),
  ),
  unfixed(
    'tap(async) in front of handle',
    pipeline('tap', 'handle', 'kept$.pipe(tap(async (e) => { await save(e); }), handle(save)).subscribe();'),
    told('notAwaited', 'tap'),
  ),
  unfixed(
    'tap that returns a promise',
    pipeline('tap', '', 'kept$.pipe(tap((e) => save(e))).subscribe();'),
    told('notAwaited', 'tap'),
  ),
  unfixed('tap(save)', pipeline('tap', '', 'kept$.pipe(tap(save)).subscribe();'), told('notAwaited', 'tap')),
  unfixed(
    'tap({ next: async })',
    pipeline('tap', '', 'kept$.pipe(tap({ next: async (e) => { await save(e); } })).subscribe();'),
    told('notAwaited', 'tap'),
  ),
  unfixed(
    'map(async)',
    pipeline('map', '', 'kept$.pipe(map(async (e) => save(e))).subscribe(log);'),
    told('notAwaited', 'map'),
  ),
  unfixed(
    'filter(async)',
    pipeline(
      'filter',
      'handle',
      'kept$.pipe(filter((async (e: Event) => !!(await save(e))) as any), handle(save)).subscribe();',
    ).replace(' as any', ' as unknown as (e: Event) => Promise<boolean> & boolean'),
    told('filterAsync'),
  ),
];

/** Promises within work that nobody waits for. */
export const WORK = [
  unfixed(
    'a promise in handle',
    pipeline('', 'handle', 'kept$.pipe(handle((e) => { save(e); return []; })).subscribe();'),
    told('floating'),
  ),
  unfixed(
    'a promise with a catch',
    pipeline('', 'handle', 'kept$.pipe(handle(async (e) => { save(e).catch(log); })).subscribe();'),
    told('floating'),
  ),
  unfixed(
    'a promise in retryWithDLQ',
    pipeline(
      '',
      'retryWithDLQ',
      'kept$.pipe(retryWithDLQ(async (e) => { save(e); }, { deadLetters: queue })).subscribe();',
    ),
    told('floating'),
  ),
  unfixed(
    'a promise in handleByType',
    pipeline(
      '',
      'handleByType',
      'kept$.pipe(handleByType({ create: (e) => { save(e); return []; }, otherwise: () => [] })).subscribe();',
    ),
    told('floating'),
  ),
  unfixed(
    'a promise in redrive',
    file(
      "import { redrive } from '@rxforce/dead-letters';",
      'redrive<Event, never[]>(queue, (e) => { save(e); return []; }).subscribe();',
    ),
    told('floating'),
  ),
  unfixed(
    'a promise in a function of its own',
    pipeline(
      '',
      'handle',
      'async function work(e: Event) { if (e.id) { save(e); } } kept$.pipe(handle(work)).subscribe();',
    ),
    told('floating'),
  ),
  unfixed(
    'a promise in a timer',
    pipeline(
      '',
      'handle',
      'kept$.pipe(handle((e) => { queueMicrotask(() => { save(e); }); return []; })).subscribe();',
    ),
    told('floating'),
  ),
  unfixed(
    'a promise in a twin',
    file(
      `import { concatMap } from '${TWINS_MODULE}';`,
      'kept$.pipe(concatMap((e: Event) => { save(e); return []; })).subscribe();',
    ),
    told('floating'),
  ),
  unfixed('a promise in a subscriber', pipeline('', '', 'kept$.subscribe((e) => { save(e); });'), told('floating')),
  unfixed(
    'a promise in an asynchronous subscriber',
    pipeline('', '', 'kept$.subscribe({ next: async (e) => { await save(e); save(e); } });'),
    told('floating'),
  ),
  unfixed(
    'forEach(async)',
    pipeline(
      '',
      'batchBy, handle',
      'kept$.pipe(batchBy(5, 50), handle(async (es) => { es.forEach(async (e) => { await save(e); }); })).subscribe();',
    ),
    told('forEachAsync'),
  ),
  unfixed(
    'forEach(save)',
    pipeline(
      '',
      'batchBy, handle',
      'kept$.pipe(batchBy(5, 50), handle(async (es) => { es.forEach(save); })).subscribe();',
    ),
    told('forEachAsync'),
  ),
  unfixed(
    'an Observable of promises',
    pipeline(
      'from',
      'batchBy, handle',
      'kept$.pipe(batchBy(5, 50), handle((es) => from(es.map((e) => save(e))))).subscribe();',
    ),
    told('arrayOfPromises'),
  ),
  {
    name: 'an array of promises',
    code: pipeline(
      '',
      'batchBy, handle',
      'kept$.pipe(batchBy(5, 50), handle((es) => es.map((e) => save(e)))).subscribe();',
    ),
    errors: [told('arrayOfPromises')],
    output: pipeline(
      '',
      'batchBy, handle',
      'kept$.pipe(batchBy(5, 50), handle((es) => Promise.all(es.map((e) => save(e))))).subscribe();',
    ),
  },
  {
    name: 'an array of promises, in a promise',
    code: pipeline(
      '',
      'batchBy, retryWithDLQ',
      'kept$.pipe(batchBy(5, 50), retryWithDLQ(async (es) => { if (es.length > 3) return []; return es.map(save); }, { deadLetters: queue })).subscribe();',
    ),
    errors: [told('arrayOfPromises')],
    output: pipeline(
      '',
      'batchBy, retryWithDLQ',
      'kept$.pipe(batchBy(5, 50), retryWithDLQ(async (es) => { if (es.length > 3) return []; return Promise.all(es.map(save)); }, { deadLetters: queue })).subscribe();',
    ),
  },
];
