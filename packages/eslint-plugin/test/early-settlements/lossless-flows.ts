import { pipeline } from '../support/given.js';
import { named } from './given-cases.js';

/** Events come to the work by ways that lose nothing. */
export const LOSSLESS_FLOWS = [
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
];
