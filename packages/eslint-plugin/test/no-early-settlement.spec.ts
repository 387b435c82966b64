import { expect } from 'chai';
import { Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import { TWINS_MODULE } from '../src/operator-names.js';
import { noEarlySettlement } from '../src/rules/no-early-settlement.js';
import { LOSES_NOTHING, ODD, ODD_WITH_IMPORTS } from './no-early-settlement.valid.js';
import { file, pipeline } from './support/given.js';
import { testTyped } from './support/rule-tester.js';

type MessageId = keyof (typeof noEarlySettlement)['meta']['messages'];

const told = (messageId: MessageId, operator?: string) => ({
  messageId,
  ...(operator !== undefined && { data: { operator } }),
});

/** The one operator that is imported, and stands in front of handle(), is imported from the twins instead. */
function twin(name: string, use: string, also = '') {
  const body = `kept$.pipe(${use}, handle(save as (value: unknown) => Promise<unknown>)).subscribe();`;
  const others = also && `import { ${also} } from 'rxjs';\n`;
  const working = "import { handle } from '@rxforce/operators';";
  return {
    name: use,
    code: file(`${others}import { ${name} } from 'rxjs';\n${working}`, body),
    errors: [told('keeps', name)],
    output: file(`${others}import { ${name} } from '${TWINS_MODULE}';\n${working}`, body),
  };
}

/** An operator in front of handle() that has no twin. */
function withoutTwin(name: string, use: string, also = '') {
  const rxjs = [name, also].filter(Boolean).join(', ');
  return {
    name: use,
    code: pipeline(rxjs, 'handle', `kept$.pipe(${use}, handle((value: unknown) => save(value))).subscribe();`),
    errors: [told('keepsWithoutTwin', name)],
    output: null,
  };
}

/** Something that has no fix. */
function unfixed(name: string, code: string, ...errors: ReturnType<typeof told>[]) {
  return { name, code, errors, output: null };
}

const TWINS = [
  twin('delay', 'delay(10)'),
  twin('delayWhen', 'delayWhen(() => timer(10))', 'timer'),
  twin('observeOn', 'observeOn(asyncScheduler)', 'asyncScheduler'),
  twin('debounce', 'debounce(() => timer(10))', 'timer'),
  twin('debounceTime', 'debounceTime(10)'),
  twin('audit', 'audit(() => timer(10))', 'timer'),
  twin('auditTime', 'auditTime(10)'),
  twin('sample', 'sample(timer(10))', 'timer'),
  twin('sampleTime', 'sampleTime(10)'),
  twin('throttle', 'throttle(() => timer(10), { trailing: true })', 'timer'),
  twin('throttleTime', 'throttleTime(10, undefined, { leading: false, trailing: true })'),
  twin('buffer', 'buffer(timer(10))', 'timer'),
  twin('bufferCount', 'bufferCount(10)'),
  twin('bufferTime', 'bufferTime(10)'),
  twin('bufferToggle', 'bufferToggle(timer(10), () => timer(10))', 'timer'),
  twin('bufferWhen', 'bufferWhen(() => timer(10))', 'timer'),
  twin('toArray', 'toArray()'),
  twin('reduce', 'reduce((all, { id }) => all + id, "")'),
  twin('pairwise', 'pairwise()'),
  twin('zipWith', 'zipWith(timer(10))', 'timer'),
  twin('combineLatestWith', 'combineLatestWith(timer(10))', 'timer'),
  twin('windowCount', 'windowCount(10)'),
  twin('windowTime', 'windowTime(10)'),
  twin('groupBy', 'groupBy(({ topic }) => topic)'),
  twin('mergeMap', 'mergeMap((e) => save(e))'),
  twin('mergeMap', 'mergeMap(async ({ id }) => id)'),
  twin('concatMap', 'concatMap(save)'),
  twin('switchMap', 'switchMap((e) => from(save(e)))', 'from'),
  twin('exhaustMap', 'exhaustMap((e) => timer(10).pipe(map(() => e)))', 'map, timer'),
  twin('concatMap', 'concatMap((e) => of(e).pipe(delay(10)))', 'delay, of'),
  twin('concatMap', 'concatMap((e) => { if (e.id) return of(1); return save(2); })', 'of'),
  twin('concatMap', 'concatMap((e) => (e.id ? of(1) : timer(10)))', 'of, timer'),
  // What waits for its turn is held by nobody.
  twin('concatMap', 'concatMap((e) => of(e).pipe(handle(save)))', 'of'),
  twin('mergeMap', 'mergeMap((e) => of(e).pipe(handle(save)), 1)', 'of'),
];

const WITHOUT_TWINS = [
  withoutTwin('count', 'count()'),
  withoutTwin('last', 'last()'),
  withoutTwin('takeLast', 'takeLast(3)'),
  withoutTwin('skipLast', 'skipLast(3)'),
  withoutTwin('max', 'max((a, b) => (a.id > b.id ? 1 : -1))'),
  withoutTwin('concatAll', 'map((e) => save(e)), concatAll()', 'map'),
  withoutTwin('mergeScan', 'mergeScan((all, { id }) => save(all + id), "")'),
  withoutTwin('expand', 'expand((e) => timer(10))', 'timer'),
  withoutTwin('concatMapTo', 'concatMapTo(timer(10))', 'timer'),
];

const IMPORTS = [
  {
    name: 'flatMap is mergeMap',
    code: file("import { flatMap } from 'rxjs';", 'kept$.pipe(flatMap(save)).subscribe();'),
    errors: [told('keeps', 'flatMap')],
    output: file(`import { mergeMap as flatMap } from '${TWINS_MODULE}';`, 'kept$.pipe(flatMap(save)).subscribe();'),
  },
  {
    name: 'another name, of rxjs/operators, in the middle',
    code: file("import { map, concatMap as then, tap } from 'rxjs/operators';", 'kept$.pipe(then(save)).subscribe();'),
    errors: [told('keeps', 'concatMap')],
    output: file(
      `import { map, tap } from 'rxjs/operators';\nimport { concatMap as then } from '${TWINS_MODULE}';`,
      'kept$.pipe(then(save)).subscribe();',
    ),
  },
  {
    name: 'an import of the twins that is there',
    code: file(
      `import { bufferTime, filter, delay } from 'rxjs';\nimport { concatMap } from '${TWINS_MODULE}';`,
      'kept$.pipe(delay(10), concatMap(save)).subscribe();',
    ),
    errors: [told('keeps', 'delay')],
    output: file(
      `import { bufferTime, filter } from 'rxjs';\nimport { concatMap, delay } from '${TWINS_MODULE}';`,
      'kept$.pipe(delay(10), concatMap(save)).subscribe();',
    ),
  },
  {
    name: 'the last of an import, into one that is there',
    code: file(
      `import { delay } from 'rxjs';\nimport { concatMap } from '${TWINS_MODULE}';`,
      'kept$.pipe(delay(10), concatMap(save)).subscribe();',
    ),
    errors: [told('keeps', 'delay')],
    output: file(
      `import { concatMap, delay } from '${TWINS_MODULE}';`,
      'kept$.pipe(delay(10), concatMap(save)).subscribe();',
    ),
  },
  {
    name: 'many lines, double quotes, no semicolon',
    code: file(
      'import {\n  bufferTime,\n  concatMap, // one by one\n  type Observable,\n} from "rxjs"',
      'kept$.pipe(concatMap(save)).subscribe();',
    ),
    errors: [told('keeps', 'concatMap')],
    output: file(
      `import {\n  bufferTime,\n  // one by one\n  type Observable,\n} from "rxjs"\nimport { concatMap } from "${TWINS_MODULE}"`,
      'kept$.pipe(concatMap(save)).subscribe();',
    ),
  },
  {
    name: 'several operators, one after the other',
    code: file(
      "import { bufferTime, concatMap, of } from 'rxjs';",
      'kept$.pipe(bufferTime(10), concatMap((es) => save(es))).subscribe();',
    ),
    errors: [told('keeps', 'bufferTime'), told('keeps', 'concatMap')],
    output: [
      file(
        `import { concatMap, of } from 'rxjs';\nimport { bufferTime } from '${TWINS_MODULE}';`,
        'kept$.pipe(bufferTime(10), concatMap((es) => save(es))).subscribe();',
      ),
      file(
        `import { of } from 'rxjs';\nimport { bufferTime, concatMap } from '${TWINS_MODULE}';`,
        'kept$.pipe(bufferTime(10), concatMap((es) => save(es))).subscribe();',
      ),
    ],
  },
  unfixed(
    'a whole module',
    file("import * as rx from 'rxjs';", 'kept$.pipe(rx.concatMap(save)).subscribe();'),
    told('keeps', 'concatMap'),
  ),
];

/** What has to be found out about the source, or about who subscribes. */
const SOURCES = [
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

const FLOWS = [
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

/** Both operators are moved, one after the other. */
function groups(name: string, grouping: string, flattening: string, use: string) {
  const working = "import { handle } from '@rxforce/operators';";
  const body = `kept$.pipe(${use}).subscribe();`;
  return {
    name,
    code: file(`import { ${grouping}, ${flattening} } from 'rxjs';\n${working}`, body),
    errors: [told('keeps', grouping), told('keepsGroups', flattening)],
    output: [
      file(`import { ${flattening} } from 'rxjs';\nimport { ${grouping} } from '${TWINS_MODULE}';\n${working}`, body),
      file(`import { ${grouping}, ${flattening} } from '${TWINS_MODULE}';\n${working}`, body),
    ],
  };
}

const GROUPS = [
  groups(
    'groups one by one',
    'groupBy',
    'concatMap',
    'groupBy((e) => e.topic), concatMap((g$) => g$.pipe(handle(save)))',
  ),
  groups(
    'windows with a limit',
    'windowCount',
    'mergeMap',
    'windowCount(3), mergeMap((w$) => w$.pipe(handle(save)), 2)',
  ),
];

const UNFIXED = [
  unfixed(
    'zip',
    pipeline('interval, zip', 'handle', 'zip(kept$, interval(10)).pipe(handle(save)).subscribe();'),
    told('keepsWithoutTwin', 'zip'),
  ),
  unfixed(
    'zip of an array',
    pipeline('interval, zip', 'handle', 'zip([kept$, interval(10)]).pipe(handle(save)).subscribe();'),
    told('keepsWithoutTwin', 'zip'),
  ),
  unfixed(
    'combineLatest that waits',
    pipeline(
      'combineLatest, interval',
      'handle',
      'combineLatest([kept$, interval(10)]).pipe(handle(save)).subscribe();',
    ),
    told('keepsWithoutTwin', 'combineLatest'),
  ),
  unfixed(
    'map to Observables, mergeAll with a limit',
    pipeline(
      'from, map, mergeAll',
      'handle',
      'kept$.pipe(map((e) => from(save(e))), mergeAll(3), handle(save)).subscribe();',
    ),
    told('keepsGroups', 'mergeAll'),
  ),
];

const BEHIND_WORK = [
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

const CALLS = [
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

const WORK = [
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

testTyped('no-early-settlement', noEarlySettlement, {
  valid: [...LOSES_NOTHING, ...ODD, ...ODD_WITH_IMPORTS],
  invalid: [
    ...TWINS,
    ...WITHOUT_TWINS,
    ...IMPORTS,
    ...SOURCES,
    ...FLOWS,
    ...GROUPS,
    ...UNFIXED,
    ...BEHIND_WORK,
    ...CALLS,
    ...WORK,
  ],
});

describe('no-early-settlement without types', () => {
  it('says what it needs', () => {
    const lint = () =>
      new Linter().verify('a;', [
        {
          plugins: { rxforce: { rules: { it: noEarlySettlement as never } } },
          rules: { 'rxforce/it': 'error' },
          languageOptions: { parser },
        },
      ]);
    expect(lint).to.throw(/requires type information/);
  });
});
