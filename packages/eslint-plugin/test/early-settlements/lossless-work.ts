import { file, pipeline } from '../support/given.js';
import { named } from './given-cases.js';

/** The work, and what comes after it, loses nothing. */
export const LOSSLESS_WORK = [
  // After the last work.
  named(
    'handle, bufferTime, a logger',
    pipeline('bufferTime', 'handle', 'kept$.pipe(handle(save), bufferTime(100)).subscribe(log);'),
  ),
  named(
    'handle, bufferTime, nobody',
    pipeline('bufferTime', 'handle', 'kept$.pipe(handle(save), bufferTime(100)).subscribe();'),
  ),
  named(
    'handle, scan, debounceTime, tap',
    pipeline(
      'debounceTime, scan, tap',
      'handle',
      'kept$.pipe(handle(save), scan((count) => count + 1, 0), debounceTime(30), tap(log)).subscribe();',
    ),
  ),
  named(
    'handle, concatMap, a logger',
    pipeline('concatMap', 'handle', 'kept$.pipe(handle(save), concatMap((e) => save(e))).subscribe(log);'),
  ),
  named(
    'handle, materialize, toArray',
    pipeline(
      'lastValueFrom, materialize, toArray',
      'handle, limit',
      'await lastValueFrom(kept$.pipe(handle(save), limit(10), materialize(), toArray()));',
    ),
  ),
  named(
    'retryWithDLQ, delay',
    pipeline(
      'delay',
      'retryWithDLQ',
      'kept$.pipe(retryWithDLQ(save, { deadLetters: queue }), delay(10)).subscribe(log);',
    ),
  ),
  named(
    'through a variable',
    pipeline(
      'bufferTime',
      'handle',
      'const saved$ = kept$.pipe(handle(save)); saved$.pipe(bufferTime(100)).subscribe(log);',
    ),
  ),
  named(
    'through a property',
    pipeline(
      'bufferTime',
      'handle',
      'class Sync { private readonly saved$ = kept$.pipe(handle(save)); run() { return this.saved$.pipe(bufferTime(100)); } }',
    ),
  ),
  named(
    'through pipe()',
    pipeline(
      'bufferTime, filter, pipe',
      'handle',
      'const work = pipe(filter((e: Event) => e.id > "5"), handle(save)); kept$.pipe(work, bufferTime(100)).subscribe(log);',
    ),
  ),
  named(
    'through a function that works',
    pipeline(
      'bufferTime, pipe',
      'handle',
      'const work = () => pipe(handle((e: Event) => save(e))); kept$.pipe(work(), bufferTime(100)).subscribe(log);',
    ),
  ),
  named(
    'after an operator of somebody else',
    file(
      "import { bufferTime, type OperatorFunction } from 'rxjs';",
      'declare const work: () => OperatorFunction<Event, Event>; kept$.pipe(work(), bufferTime(100)).subscribe(log);',
    ),
  ),
  named(
    'a function of the work’s results',
    pipeline(
      'bufferTime, delay, pipe',
      'handle',
      'kept$.pipe(handle(save), (saved$) => saved$.pipe(delay(10))).subscribe(log);',
    ),
  ),
  named(
    'publisher()',
    pipeline(
      'bufferTime, map',
      '',
      'kept$.pipe(map((e) => ({ data: e.data })), client.publisher("Copy__e"), bufferTime(10)).subscribe(log);',
    ),
  ),

  // rxforce's own operators.
  named(
    'batchBy',
    pipeline(
      '',
      'batchBy, handle',
      'kept$.pipe(batchBy(5, 50), handle((es) => Promise.all(es.map(save)))).subscribe();',
    ),
  ),
  named(
    'throttleByKey, meter',
    pipeline(
      '',
      'handle, meter, throttleByKey',
      'kept$.pipe(meter().measure, throttleByKey(50), handle(save)).subscribe();',
    ),
  ),
  named('handle(sync)', pipeline('', 'handle', 'kept$.pipe(handle((e) => { saveNow(e); return []; })).subscribe();')),
  named(
    'handleByType',
    pipeline('', 'handleByType', 'kept$.pipe(handleByType({ create: save, otherwise: () => [] })).subscribe();'),
  ),
  named(
    'twins',
    file(
      "import { concatMap, bufferTime } from '@rxforce/operators/rxjs';",
      'kept$.pipe(bufferTime(10), concatMap((es) => Promise.all(es))).subscribe();',
    ),
  ),

  // Flattening within the call.
  named(
    'mergeMap, of or EMPTY',
    pipeline(
      'EMPTY, mergeMap, of',
      'handle',
      'kept$.pipe(mergeMap((e) => (e.id > "5" ? of(e.data) : EMPTY)), handle(save)).subscribe();',
    ),
  ),
  named(
    'concatMap, an array',
    pipeline(
      'concatMap',
      'handle',
      'kept$.pipe(concatMap((e) => e.header.recordIds.map((id) => ({ id }))), handle(save)).subscribe();',
    ),
  ),
  named(
    'concatMap, an array literal',
    pipeline('concatMap', 'handle', 'kept$.pipe(concatMap((e) => [e.id, e.topic]), handle(save)).subscribe();'),
  ),
  named(
    'mergeMap, returns in a block',
    pipeline(
      'EMPTY, from, mergeMap, of',
      'handle',
      'kept$.pipe(mergeMap((e) => { if (e.id === "1") return EMPTY; if (e.id === "2") return from([1, 2]); return of(3); }), handle(save)).subscribe();',
    ),
  ),
  named(
    'mergeMap, a function of its own',
    pipeline(
      'concat, defer, mergeMap, of',
      'handle',
      'function parts(e: Event) { return concat(of(e.id), defer(() => of(e.topic))); } kept$.pipe(mergeMap(parts), handle(save)).subscribe();',
    ),
  ),
  named(
    'concatMap, a generator',
    pipeline('concatMap', 'handle', 'kept$.pipe(concatMap(function* (e) { yield e.id; }), handle(save)).subscribe();'),
  ),
  named(
    'mergeMap, of().pipe(map, toArray)',
    pipeline(
      'map, mergeMap, of, toArray',
      'handle',
      'kept$.pipe(mergeMap((e) => of(e, e).pipe(map(({ id }) => id), toArray())), handle(save)).subscribe();',
    ),
  ),
  named(
    'mergeMap, of().pipe(handle)',
    pipeline('mergeMap, of', 'handle', 'kept$.pipe(mergeMap((e) => of(e).pipe(handle(save)))).subscribe();'),
  ),
  named(
    'concatAll of arrays',
    pipeline('concatAll, map', 'handle', 'kept$.pipe(map((e) => [e.id]), concatAll(), handle(save)).subscribe();'),
  ),
  named(
    'mergeMap of something unknown',
    pipeline(
      'mergeMap',
      'handle',
      'declare const parts: any; kept$.pipe(mergeMap((e) => parts(e)), handle(save)).subscribe();',
    ),
  ),

  // Within work.
  named(
    'RxJS within work',
    pipeline(
      'bufferTime, concatMap, delay, from, of, toArray',
      'handle',
      'kept$.pipe(handle((e) => of(e).pipe(delay(10), concatMap((each) => save(each)), toArray()))).subscribe();',
    ),
  ),
  named(
    'a batch within work',
    pipeline(
      'concatMap, from',
      'batchBy, handle',
      'kept$.pipe(batchBy(5, 50), handle((es) => from(es).pipe(concatMap((e) => save(e))))).subscribe();',
    ),
  ),
  named(
    'promises that are awaited',
    pipeline(
      '',
      'batchBy, handle',
      'kept$.pipe(batchBy(5, 50), handle(async (es) => { for (const e of es) await save(e); const later = save(es); await later; return Promise.allSettled(es.map((e) => save(e))); })).subscribe();',
    ),
  ),
  named(
    'a promise that is left alone on purpose',
    pipeline('', 'handle', 'kept$.pipe(handle(async (e) => { void save(e); await save(e); })).subscribe();'),
  ),
  named(
    'what is made by hand',
    pipeline(
      '',
      'handle',
      'kept$.pipe(handle((e) => new Promise((resolve, reject) => { save(e).then(resolve, reject); }))).subscribe();',
    ),
  ),
  named(
    'map whose promise is taken on',
    pipeline('map', 'handle', 'kept$.pipe(map((e) => save(e)), handle((saved) => saved)).subscribe();'),
  ),

  // Nobody's business.
  named(
    'other Observables',
    pipeline(
      'bufferTime, concatMap, interval, tap',
      '',
      'interval(10).pipe(tap(async (n) => { await save(n); }), concatMap((n) => save(n)), bufferTime(10)).subscribe();',
    ),
  ),
  named(
    'status$',
    pipeline(
      'bufferTime',
      '',
      'kept$.status$.pipe(bufferTime(10)).subscribe(log); client.status$.pipe(bufferTime(10)).subscribe(log);',
    ),
  ),
  named(
    'a look at some events, with no position',
    pipeline(
      'lastValueFrom, take, toArray',
      '',
      'await lastValueFrom(client.changes("Account", { replay: "earliest" }).pipe(take(20), toArray()));',
    ),
  ),
  named('firstValueFrom', pipeline('firstValueFrom', '', 'await firstValueFrom(kept$);')),
  named('operators of somebody else', file('', 'declare const delay: any; kept$.pipe(delay(10)).subscribe(log);')),
  named('arrays', file('', 'declare const es: Event[]; es.forEach((e) => { saveNow(e); }); es.map((e) => save(e));')),
];
