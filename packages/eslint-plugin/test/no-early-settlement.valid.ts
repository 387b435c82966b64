import { file, pipeline } from './support/given.js';

const named = (name: string, code: string) => ({ name, code });

/** Pipelines that lose nothing, as they are written. */
export const LOSES_NOTHING = [
  // Filters, and who takes what they let pass.
  named(
    'filter, handle',
    pipeline('filter', 'handle', 'kept$.pipe(filter((e) => e.id > "5"), handle(save)).subscribe();'),
  ),
  named(
    'filter, subscribe(async)',
    pipeline('filter', '', 'kept$.pipe(filter(() => false)).subscribe(async (e) => { await save(e); });'),
  ),
  named(
    'filter, map, subscribe(save)',
    pipeline(
      'filter, map',
      '',
      'kept$.pipe(filter((e) => !!e.id), map((e) => e.data)).subscribe((data) => save(data));',
    ),
  ),
  named(
    'subscribe({ next: async })',
    pipeline('', '', 'kept$.subscribe({ next: async (e) => { await save(e); }, error: log });'),
  ),
  named('subscribe(saveNow)', pipeline('', '', 'kept$.subscribe({ next: saveNow, error: log });')),
  named('tap(saveNow)', pipeline('tap', '', 'kept$.pipe(tap(saveNow)).subscribe();')),
  named('forEach(async)', pipeline('', '', 'kept$.forEach(async (e) => { await save(e); }).catch(log);')),
  named('a bare subscriber', pipeline('', '', 'kept$.subscribe();')),

  // Branches.
  named(
    'connect and two handlers',
    pipeline(
      'connect, filter, merge',
      'handle, byChangeType',
      'kept$.pipe(connect((shared$) => merge(shared$.pipe(filter((e) => e.id < "5"), handle(save)), shared$.pipe(byChangeType("CREATE"), handle(save))))).subscribe();',
    ),
  ),
  named(
    'connect, then metrics',
    pipeline(
      'bufferTime, connect, merge',
      'handle',
      'kept$.pipe(connect((a$) => merge(a$.pipe(handle(save)), a$.pipe(handle(save)))), bufferTime(100)).subscribe(log);',
    ),
  ),
  named(
    'share, a logger and a handler',
    pipeline(
      'filter, share',
      'handle',
      'const shared$ = kept$.pipe(share()); shared$.subscribe(log); shared$.pipe(filter(() => true), handle(save)).subscribe();',
    ),
  ),
  named(
    'publish',
    pipeline(
      'filter, publish, type ConnectableObservable',
      'handle',
      'const shared$ = kept$.pipe(publish()) as ConnectableObservable<Event>; shared$.pipe(filter(() => true), handle(save)).subscribe(); shared$.connect();',
    ),
  ),
  named(
    'shareReplay',
    pipeline(
      'shareReplay',
      'handle',
      'const last$ = kept$.pipe(shareReplay({ bufferSize: 1, refCount: true })); last$.pipe(handle(save)).subscribe();',
    ),
  ),
  named(
    'a Subject',
    pipeline(
      'Subject',
      'handle',
      'const bus = new Subject<Event>(); bus.pipe(handle(save)).subscribe(); kept$.subscribe(bus);',
    ),
  ),
  named(
    'a wrapper',
    pipeline(
      'Observable',
      'handle',
      'new Observable<Event>((subscriber) => kept$.subscribe(subscriber)).pipe(handle(save)).subscribe();',
    ),
  ),
  named('from', pipeline('from', 'handle', 'from(kept$).pipe(handle(save)).subscribe();')),

  // Groups.
  named(
    'groupBy, mergeMap',
    pipeline(
      'groupBy, mergeMap',
      'handle',
      'kept$.pipe(groupBy((e) => e.topic), mergeMap((group$) => group$.pipe(handle(save)))).subscribe();',
    ),
  ),
  named(
    'groupBy, mergeMap to log',
    pipeline(
      'groupBy, map, mergeMap',
      'handle',
      'kept$.pipe(groupBy((e) => e.topic), mergeMap((group$) => group$.pipe(map((e) => e.data))), handle(save)).subscribe();',
    ),
  ),
  named(
    'groupBy, map, mergeAll',
    pipeline(
      'groupBy, map, mergeAll',
      'handle',
      'kept$.pipe(groupBy((e) => e.topic), map((group$) => group$.pipe(handle(save))), mergeAll()).subscribe();',
    ),
  ),
  named(
    'windowTime, mergeMap',
    pipeline(
      'windowTime, mergeMap',
      'handle',
      'kept$.pipe(windowTime(1_000), mergeMap((window$) => window$.pipe(handle(save)))).subscribe();',
    ),
  ),

  // What others bring in.
  named('startWith', pipeline('startWith', 'handle', 'kept$.pipe(startWith(undefined), handle(save)).subscribe();')),
  named(
    'mergeWith',
    pipeline('interval, mergeWith', 'handle', 'kept$.pipe(mergeWith(interval(50)), handle(save)).subscribe();'),
  ),
  named('merge', pipeline('interval, merge', 'handle', 'merge(kept$, interval(50)).pipe(handle(save)).subscribe();')),
  named(
    'catchError',
    pipeline(
      'catchError, map, timer',
      'handle',
      'kept$.pipe(catchError(() => timer(50).pipe(map(() => ({})))), handle(save)).subscribe();',
    ),
  ),
  named(
    'withLatestFrom another stream',
    pipeline(
      'withLatestFrom',
      'handle',
      'kept$.pipe(withLatestFrom(client.changes("Setting__c")), handle(([e]) => save(e))).subscribe();',
    ),
  ),
  named(
    'withLatestFrom a BehaviorSubject',
    pipeline(
      'BehaviorSubject, withLatestFrom',
      'handle',
      'kept$.pipe(withLatestFrom(new BehaviorSubject(1)), handle(([e]) => save(e))).subscribe();',
    ),
  ),
  named(
    'combineLatest with settings that are there',
    pipeline(
      'combineLatest, interval, startWith',
      'handle',
      'combineLatest([kept$, interval(60).pipe(startWith(0))]).pipe(handle(([e]) => save(e))).subscribe();',
    ),
  ),
  named(
    'combineLatestWith a BehaviorSubject',
    pipeline(
      'BehaviorSubject, combineLatestWith',
      'handle',
      'const settings$ = new BehaviorSubject(1); kept$.pipe(combineLatestWith(settings$), handle(([e]) => save(e))).subscribe();',
    ),
  ),
  named(
    'pairs whose second is always the event',
    pipeline(
      'pairwise, startWith',
      'handle',
      'kept$.pipe(startWith(undefined), pairwise(), handle(([, now]) => save(now))).subscribe();',
    ),
  ),
  named('zip of other Observables', pipeline('interval, zip', '', 'zip(interval(1), interval(2)).subscribe(log);')),

  // What passes everything on.
  named(
    'timeout, finalize',
    pipeline(
      'finalize, timeout',
      'handle',
      'kept$.pipe(timeout(60_000), finalize(() => undefined), handle(save)).subscribe();',
    ),
  ),
  named(
    'takeUntil',
    pipeline('takeUntil, timer', 'handle', 'kept$.pipe(takeUntil(timer(900)), handle(save)).subscribe();'),
  ),
  named(
    'scan, distinctUntilChanged',
    pipeline(
      'distinctUntilChanged, scan',
      'handle',
      'kept$.pipe(scan((all, e) => ({ ...all, id: e.id }), {}), distinctUntilChanged(), handle(save)).subscribe();',
    ),
  ),
  named(
    'throttleTime that emits the first',
    pipeline('throttleTime', 'handle', 'kept$.pipe(throttleTime(100), handle(save)).subscribe();'),
  ),
  named(
    'throttleTime, trailing: false',
    pipeline(
      'asyncScheduler, throttleTime',
      'handle',
      'kept$.pipe(throttleTime(100, asyncScheduler, { leading: true, trailing: false }), handle(save)).subscribe();',
    ),
  ),
  named(
    'subscribeOn',
    pipeline(
      'asyncScheduler, subscribeOn',
      'handle',
      'kept$.pipe(subscribeOn(asyncScheduler), handle(save)).subscribe();',
    ),
  ),
  named('retry', pipeline('retry', 'handle', 'kept$.pipe(handle(save), retry({ delay: 50 })).subscribe();')),
  named('repeat', pipeline('repeat', 'handle, limit', 'kept$.pipe(handle(save), limit(10), repeat()).subscribe();')),

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

/** What makes no sense, and must not make the rule fail. */
export const ODD = [
  'const a$ = a$.pipe(a$); a$.subscribe();',
  'kept$.pipe().subscribe(); kept$.pipe(...[]).subscribe(...[]);',
  'let x$ = kept$; x$ = kept$.pipe(); x$.subscribe(null as never);',
  'const f = () => f(); kept$.pipe(f() as never).subscribe(f);',
  'const { a = kept$ } = {} as any; a.pipe(a, a()).subscribe(a); a?.pipe?.(a)?.subscribe?.();',
  "kept$['pipe']().subscribe(); kept$.pipe.call(kept$); (kept$ as any).pipe(1, 'a', null, undefined, {}, []);",
  'class A { #a$ = kept$; b$ = this.b$; f() { return this.#a$.pipe(this.b$ as never); } static { kept$.pipe(); } }',
  'pipe(); subscribe(); forEach(); function pipe() {} function subscribe() {} function forEach() {}',
].map((code, index) => named(`odd code ${index + 1}`, file('', code)));

export const ODD_WITH_IMPORTS = [
  'kept$.pipe((concatMap as any)(), (handle as any)(), (tap as any)(), (mergeAll as any)(), (zip as any)());',
  'kept$.pipe((concatMap as any)(...[]), (handle as any)(...[]), (tap as any)({}), (groupBy as any)());',
  'kept$.pipe(concatMap as never, handle as never, tap as never); zip(); (combineLatest as any)(1, [], {}, null);',
  'const inner: any = of(1).pipe(() => inner); kept$.pipe(mergeMap(() => inner), mergeMap(function f(): any { return f(); }));',
].map((code, index) =>
  named(
    `odd code with imports ${index + 1}`,
    pipeline('combineLatest, concatMap, groupBy, mergeAll, mergeMap, of, tap, zip', 'handle', code),
  ),
);
