import { file, pipeline } from '../support/given.js';
import { named } from './given-cases.js';

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

/** The same, with operators. */
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
