import { noTake } from '../src/rules/no-take.js';
import { file, pipeline } from './support/given.js';
import { testTyped, testUntyped } from './support/rule-tester.js';

const closes = (operator: string, count: string) => [{ messageId: 'closes' as const, data: { operator, count } }];

testTyped('no-take', noTake, {
  valid: [
    {
      name: 'limit of rxforce',
      code: pipeline('', 'handle, limit', 'kept$.pipe(handle(save), limit(10)).subscribe();'),
    },
    {
      name: 'take on another Observable',
      code: pipeline('interval, take', '', 'interval(10).pipe(take(3)).subscribe(log);'),
    },
    {
      name: 'take on what work asks',
      code: pipeline('interval, take', 'handle', 'kept$.pipe(handle(() => interval(10).pipe(take(1)))).subscribe();'),
    },
    {
      name: 'take on a stream made of the event, within work',
      code: pipeline('of, take', 'handle', 'kept$.pipe(handle((event) => of(event).pipe(take(1)))).subscribe();'),
    },
    {
      name: 'a look at some events, with no position',
      code: pipeline(
        'lastValueFrom, take, toArray',
        '',
        "await lastValueFrom(client.changes('Account', { replay: 'earliest' }).pipe(take(20), toArray()));",
      ),
    },
    { name: 'firstValueFrom', code: pipeline('firstValueFrom', '', 'await firstValueFrom(kept$);') },
    { name: 'a take of one’s own', code: file('', 'declare const take: any; changes$.pipe(take(1)).subscribe();') },
    {
      name: 'events() of something else',
      code: pipeline(
        'take, type Observable',
        'limit',
        'declare const router: { events(): Observable<string> }; router.events().pipe(take(1)); limit(1);',
      ),
    },
  ],
  invalid: [
    {
      name: 'take, the only import',
      code: pipeline('take', '', 'kept$.pipe(take(10)).subscribe();'),
      errors: closes('take', '10'),
      output: pipeline('', 'limit', 'kept$.pipe(limit(10)).subscribe();'),
    },
    {
      name: 'take after handle, with other imports',
      code: pipeline('map, take, tap', 'handle', 'kept$.pipe(map((e) => e), handle(save), take(2 * 5), tap(log));'),
      errors: closes('take', '2 * 5'),
      output: pipeline('map, tap', 'handle, limit', 'kept$.pipe(map((e) => e), handle(save), limit(2 * 5), tap(log));'),
    },
    {
      name: 'take of rxjs/operators by another name',
      code: file("import { take as first3 } from 'rxjs/operators';", 'changes$.pipe(first3(3)).subscribe();'),
      errors: closes('take', '3'),
      output: file("import { limit } from '@rxforce/operators';", 'changes$.pipe(limit(3)).subscribe();'),
    },
    {
      name: 'take that is used elsewhere, too',
      code: pipeline('interval, take', '', 'changes$.pipe(take(3)); interval(1).pipe(take(3));'),
      errors: closes('take', '3'),
      output: file(
        "import { interval, take } from 'rxjs';\nimport { limit } from '@rxforce/operators';",
        'changes$.pipe(limit(3)); interval(1).pipe(take(3));',
      ),
    },
    {
      name: 'limit that is imported by another name',
      code: pipeline('take', 'limit as atMost', 'changes$.pipe(take(3)); changes$.pipe(atMost(3));'),
      errors: closes('take', '3'),
      output: pipeline('', 'limit as atMost', 'changes$.pipe(atMost(3)); changes$.pipe(atMost(3));'),
    },
    {
      name: 'limit that is something else here',
      code: pipeline('take', '', 'const limit = 3; changes$.pipe(take(limit));'),
      errors: closes('take', 'limit'),
      output: null,
    },
    {
      name: 'first',
      code: pipeline('first', '', 'kept$.pipe(first()).subscribe(saveNow);'),
      errors: closes('first', '1'),
      output: null,
    },
    {
      name: 'a whole module',
      code: file("import * as rx from 'rxjs';", 'kept$.pipe(rx.take(1)).subscribe(saveNow);'),
      errors: closes('take', '1'),
      output: null,
    },
    {
      name: 'lastValueFrom of a position that is kept',
      code: pipeline('lastValueFrom, take, toArray', '', 'await lastValueFrom(kept$.pipe(take(20), toArray()));'),
      errors: closes('take', '20'),
      output: file(
        "import { lastValueFrom, toArray } from 'rxjs';\nimport { limit } from '@rxforce/operators';",
        'await lastValueFrom(kept$.pipe(limit(20), toArray()));',
      ),
    },
    {
      name: 'parts of events, through variables and merge',
      code: pipeline(
        'map, merge, NEVER, take',
        'limit',
        'const data$ = kept$.pipe(map((e) => e.data)); merge(data$, NEVER).pipe(take(1)); limit(1);',
      ),
      errors: closes('take', '1'),
      output: pipeline(
        'map, merge, NEVER',
        'limit',
        'const data$ = kept$.pipe(map((e) => e.data)); merge(data$, NEVER).pipe(limit(1)); limit(1);',
      ),
    },
  ],
});

const UNTYPED = "import { createClient } from '@rxforce/core';";

testUntyped('no-take, without types', noTake, {
  valid: [
    "import { take } from 'rxjs'; a.pipe(take(1));",
    "import { take } from 'rxjs'; other.events().pipe(take(1));",
    `${UNTYPED} import { take } from 'rxjs'; changes$.pipe(take(1)); function f(a$) { return a$.pipe(take(1)); }`,
  ],
  invalid: [
    {
      name: 'what comes from a client in this file',
      code: `${UNTYPED}\nimport { take } from 'rxjs';\ncreateClient({}).changes('Account').pipe(take(1));`,
      errors: closes('take', '1'),
      output: `${UNTYPED}\nimport { limit } from '@rxforce/operators';\ncreateClient({}).changes('Account').pipe(limit(1));`,
    },
  ],
});
