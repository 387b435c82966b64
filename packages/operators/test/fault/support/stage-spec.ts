import fc from 'fast-check';

/** How the work on an event goes at one place. */
export interface WorkTraits {
  readonly how: 'sync' | 'timer' | 'promise';
  /** For timers, in milliseconds. */
  readonly delayMs: number;
  /** Whether the first attempt fails. */
  readonly fails: boolean;
  /** How many values come of it. */
  readonly results: number;
}

/** What a random pipeline is made of. */
export type StageSpec =
  /** Operators of RxJS that pass on within the call. */
  | { readonly op: 'pass'; readonly how: (typeof PASSES)[number] }
  /** Keeps what has one of the bits. */
  | { readonly op: 'filter'; readonly by: 'index' | 'byChangeType' | 'filterField'; readonly bits: number }
  | { readonly op: 'distinct' }
  | { readonly op: 'handle'; readonly concurrency: number; readonly work: readonly WorkTraits[] }
  /** Holds that outlive their subscription, and let nothing through. */
  | { readonly op: 'linger'; readonly work: readonly WorkTraits[] }
  /** Collects values, and holds them together. */
  | { readonly op: 'gather'; readonly size: number }
  /** The same by `batchBy`, whose batches may be larger than the window. */
  | { readonly op: 'batch'; readonly size: number; readonly maxWaitMs: number }
  /**
   * Tries again what fails, and puts aside one event, whatever is tried; in batches, which are split, where there is a
   * size.
   */
  | {
      readonly op: 'aside';
      readonly concurrency: number;
      readonly work: readonly WorkTraits[];
      readonly poison: number;
      readonly size: number | undefined;
    }
  | { readonly op: 'fork'; readonly how: 'connect' | 'share'; readonly branches: readonly (readonly StageSpec[])[] }
  | { readonly op: 'group'; readonly inner: readonly StageSpec[] }
  /** A pipeline for each event; `switch` drops the work of the one before, in faulty lives. */
  | { readonly op: 'nest'; readonly how: 'merge' | 'switch'; readonly inner: readonly StageSpec[] }
  /** Ends its part of the pipeline early, in faulty lives. */
  | { readonly op: 'cut'; readonly how: (typeof CUTS)[number]; readonly count: number }
  /** Throws at an event, once. */
  | { readonly op: 'throw'; readonly event: number };

export const PASSES = ['spread', 'data', 'tap', 'mergeEmpty', 'mergeOf', 'concatOf', 'switchOf', 'share'] as const;
export const CUTS = ['take', 'first', 'takeWhile', 'takeUntil', 'limit'] as const;

const work: fc.Arbitrary<WorkTraits> = fc.record({
  how: fc.constantFrom('timer', 'sync', 'promise'),
  delayMs: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 60 })),
  fails: fc.integer({ min: 0, max: 7 }).map((die) => die === 7),
  results: fc.constantFrom(1, 1, 1, 1, 0, 2),
});

const pass: fc.Arbitrary<StageSpec> = fc.record({ op: fc.constant('pass'), how: fc.constantFrom(...PASSES) });
const filter: fc.Arbitrary<StageSpec> = fc.record({
  op: fc.constant('filter'),
  by: fc.constantFrom('index', 'byChangeType', 'filterField'),
  bits: fc.integer({ min: 1, max: 6 }),
});
const distinct: fc.Arbitrary<StageSpec> = fc.record({ op: fc.constant('distinct') });
const handle: fc.Arbitrary<StageSpec> = fc.record({
  op: fc.constant('handle'),
  concurrency: fc.constantFrom(1, 2, 3, 100),
  work: fc.array(work, { minLength: 1, maxLength: 5 }),
});
const linger: fc.Arbitrary<StageSpec> = fc.record({
  op: fc.constant('linger'),
  work: fc.array(work, { minLength: 1, maxLength: 3 }),
});
const batch: fc.Arbitrary<StageSpec> = fc.record({
  op: fc.constant('batch'),
  size: fc.integer({ min: 1, max: 20 }),
  maxWaitMs: fc.constantFrom(0, 5, 100, 2_000),
});
const aside: fc.Arbitrary<StageSpec> = fc.record({
  op: fc.constant('aside'),
  concurrency: fc.constantFrom(1, 2, 100),
  work: fc.array(work, { minLength: 1, maxLength: 5 }),
  poison: fc.nat(12),
  size: fc.constantFrom(undefined, 2, 5, 20),
});
const cut: fc.Arbitrary<StageSpec> = fc.record({
  op: fc.constant('cut'),
  how: fc.constantFrom(...CUTS),
  count: fc.integer({ min: 1, max: 8 }),
});
const throwing: fc.Arbitrary<StageSpec> = fc.record({ op: fc.constant('throw'), event: fc.nat(12) });

const { chain } = fc.letrec<{ stage: StageSpec; chain: readonly StageSpec[] }>((tie) => {
  const fork = fc.record({
    op: fc.constant('fork' as const),
    how: fc.constantFrom('connect' as const, 'share' as const),
    branches: fc.array(tie('chain'), { minLength: 2, maxLength: 3 }),
  });
  const group = fc.record({ op: fc.constant('group' as const), inner: tie('chain') });
  const nest = fc.record({
    op: fc.constant('nest' as const),
    how: fc.constantFrom('merge' as const, 'switch' as const),
    inner: tie('chain'),
  });
  return {
    stage: fc.oneof(
      { depthSize: 'small', maxDepth: 2 },
      { arbitrary: handle, weight: 8 },
      { arbitrary: pass, weight: 4 },
      { arbitrary: filter, weight: 3 },
      { arbitrary: distinct, weight: 1 },
      { arbitrary: linger, weight: 1 },
      { arbitrary: batch, weight: 3 },
      { arbitrary: aside, weight: 3 },
      { arbitrary: cut, weight: 2 },
      { arbitrary: throwing, weight: 1 },
      { arbitrary: fork, weight: 3 },
      { arbitrary: group, weight: 2 },
      { arbitrary: nest, weight: 2 },
    ),
    chain: fc.array(tie('stage'), { maxLength: 4, size: 'max' }),
  };
});

/** A random pipeline that DESIGN calls fine, with operators that cut it short or drop work in faulty lives. */
export const pipelineSpec: fc.Arbitrary<readonly StageSpec[]> = fc
  .record({
    before: fc.array(fc.oneof(pass, filter, distinct), { maxLength: 2 }),
    gather: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined, freq: 3 }),
    after: chain,
  })
  .map(({ before, gather, after }) =>
    gather === undefined ? after : [...before, { op: 'gather', size: gather } as const, ...after],
  );
