import { TWINS_MODULE } from '../../src/operator-names.js';
import { file } from '../support/given.js';
import { told } from './given-cases.js';

/** What has to be found out about the source, or about who subscribes. */
export const SOURCES = [
  ['managed()', 'client.managed("Account_Sync").pipe(delay(10)).subscribe(log);'],
  ['events() of a client that was made here', 'client.events("Order__e").pipe(delay(10)).subscribe(log);'],
  ['without a store', 'client.changes("Account").pipe(delay(10)).subscribe(log);'],
  ['an asynchronous subscriber', 'kept$.pipe(delay(10)).subscribe(async (e) => { await save(e); });'],
  ['a parameter', 'function run(events$: import("rxjs").Observable<Event>) { return events$.pipe(delay(10)); }'],
  [
    'a property',
    'class Sync { private readonly events$ = kept$.pipe(); run() { this.events$.pipe(delay(10)).subscribe(log); } }',
  ],
  [
    'a property by its type',
    'class Sync { constructor(readonly events$: typeof kept$) {} run() { return this.events$.pipe(delay(1)); } }',
  ],
  ['a function’s result', 'const events = () => kept$; events().pipe(delay(10)).subscribe(log);'],
  ['two calls of pipe()', 'kept$.pipe().pipe(delay(10)).subscribe(log);'],
  [
    'either of two',
    'const either$ = 1 > 2 ? client.changes("A") : undefined; (either$ ?? kept$).pipe(delay(10)).subscribe(log);',
  ],
  [
    'asObservable, as',
    'new (class { a$ = kept$ as import("rxjs").Observable<unknown>; b$ = this.a$.pipe(delay(1)); })();',
  ],
  [
    'batches',
    'declare const batches$: import("rxjs").Observable<readonly Event[]>; batches$.pipe(delay(10)).subscribe(log);',
  ],
].map(([name, body]) => ({
  name: name!,
  code: file("import { delay } from 'rxjs';", body!),
  errors: [told('keeps', 'delay')],
  output: file(`import { delay } from '${TWINS_MODULE}';`, body!),
}));

/** The ways of events to an operator that keeps them. */
export const FLOWS = [
  ['parts of events', 'map', 'delay', '', 'kept$.pipe(map((e) => e.data)).pipe(delay(10)).subscribe(log);'],
  [
    'parts, through a variable',
    'map',
    'delay',
    '',
    'const data$ = kept$.pipe(map((e) => e.data)); data$.pipe(delay(10)).subscribe(log);',
  ],
  ['one of two that are merged', 'merge, NEVER', 'delay', '', 'merge(kept$, NEVER).pipe(delay(10)).subscribe(log);'],
  ['defer', 'defer', 'delay', '', 'defer(() => kept$).pipe(delay(10)).subscribe(log);'],
  [
    'a branch of connect',
    'connect, map, merge',
    'delay',
    'handle',
    'kept$.pipe(map((e) => e.data), connect((s$) => merge(s$.pipe(handle(save)), s$.pipe(delay(10))))).subscribe(log);',
  ],
  [
    'a group',
    'groupBy, mergeMap',
    'bufferTime',
    'handle',
    'kept$.pipe(groupBy((e) => e.topic), mergeMap((g$) => g$.pipe(bufferTime(10), handle(save)))).subscribe();',
  ],
  [
    'a window, to an array',
    'mergeMap, windowTime',
    'toArray',
    'handle',
    'kept$.pipe(windowTime(10), mergeMap((w$) => w$.pipe(toArray())), handle(save)).subscribe();',
  ],
  ['between two that work', '', 'delay', 'handle', 'kept$.pipe(handle(save), delay(10), handle(save)).subscribe();'],
  [
    'between two that work, in a variable',
    '',
    'delay',
    'handle',
    'const first$ = kept$.pipe(handle(save), delay(10)); first$.pipe(handle(save)).subscribe();',
  ],
  [
    'in a pipe() of RxJS',
    'filter, pipe',
    'delay',
    '',
    'const later = pipe(filter((e: Event) => e.id > "5"), delay(10)); kept$.pipe(later).subscribe(log);',
  ],
  ['in a variable', '', 'delay', '', 'const later = delay<Event>(10); kept$.pipe(later).subscribe(log);'],
  ['after rxforce’s own', '', 'delay', 'batchBy', 'kept$.pipe(batchBy(5, 50), delay(10)).subscribe(log);'],
  ['an inline operator', '', 'delay', '', 'kept$.pipe((all$) => all$.pipe(delay(10))).subscribe(log);'],
  [
    'for await',
    '',
    'delay',
    '',
    'const later$ = kept$.pipe(delay(10)); for await (const e of later$ as any) await save(e);',
  ],
  [
    'firstValueFrom in a loop',
    'firstValueFrom',
    'bufferCount',
    '',
    'for (;;) await save(await firstValueFrom(kept$.pipe(bufferCount(10))));',
  ],
  [
    'publisher()',
    'map',
    'delay',
    '',
    'kept$.pipe(map(({ data }) => ({ data })), delay(10), client.publisher("Copy__e")).subscribe();',
  ],
].map(([name, rxjs, keeping, operators, body]) => {
  const others = [
    rxjs && `import { ${rxjs} } from 'rxjs';`,
    operators && `import { ${operators} } from '@rxforce/operators';`,
  ];
  const imports = (module: string) => [...others, `import { ${keeping} } from '${module}';`].filter(Boolean).join('\n');
  return {
    name: name!,
    code: file(imports('rxjs'), body!),
    errors: [told('keeps', keeping)],
    output: file(imports(TWINS_MODULE), body!),
  };
});
