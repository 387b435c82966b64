import fc from 'fast-check';
import type { EventTraits } from './event-log.js';
import type { SaveTraits } from './flaky-store.js';
import type { ServiceTraits, StreamFailure } from './log-service.js';
import { pipelineSpec, type StageSpec } from './stage-spec.js';

/** Something that happens on the service's side. */
export type ServiceAction =
  | { readonly do: 'publish' | 'respond'; readonly count: number }
  | { readonly do: 'end'; readonly failure: StreamFailure | undefined }
  | { readonly do: 'sendAgain'; readonly count: number }
  | { readonly do: 'keepalive' | 'goSilent' };

/** One subscription of the test's, and how it is made to end. */
export interface LifeSpec {
  /** How long before it, in milliseconds, nobody is subscribed. */
  readonly pauseMs: number;
  /**
   * What happens to it, if it lives that long. `throw`: the last handler throws at that event, and the process dies.
   */
  readonly ending: 'none' | 'unsubscribe' | 'crash' | 'drain' | 'throw';
  /** When: in milliseconds, or the event's index. */
  readonly at: number;
  /** What stands around the pipeline. */
  readonly around: 'nothing' | 'retry' | 'retry later' | 'repeat';
  /** Whether operators that cut the pipeline short do so. */
  readonly faulty: boolean;
}

/** All that is decided by chance. */
export interface Scenario {
  readonly pipeline: readonly StageSpec[];
  readonly events: readonly EventTraits[];
  /** How many events there are at the start. */
  readonly published: number;
  readonly window: number;
  /** A share of the window. */
  readonly refill: number | undefined;
  readonly from: { readonly type: 'earliest' | 'latest' | 'position' | 'date'; readonly index: number };
  readonly store: { readonly commitIntervalMs: number; readonly saves: readonly SaveTraits[] } | undefined;
  readonly maxAttempts: number | undefined;
  readonly service: ServiceTraits;
  readonly script: readonly { readonly waitMs: number; readonly action: ServiceAction }[];
  readonly lives: readonly LifeSpec[];
  /** How putting undecodable events aside goes: how long, and whether it fails at first. */
  readonly aside: { readonly delayMs: number; readonly fails: boolean };
  readonly random: number;
}

const rarely = (oneIn: number) => fc.integer({ min: 1, max: oneIn }).map((die) => die === oneIn);

const events = fc.array(
  fc.record({
    type: fc.nat(2),
    kind: fc.nat(2),
    schema: rarely(6).map(Number),
    secondsLater: fc.nat(1),
    sharesPosition: rarely(6),
    broken: rarely(20),
  }),
  { minLength: 1, maxLength: 24, size: 'max' },
);

const action: fc.Arbitrary<ServiceAction> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('respond' as const), count: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 9 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      failure: fc.constantFrom(
        undefined,
        'connection' as const,
        'connection' as const,
        'throttled' as const,
        'refused' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sendAgain' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('keepalive' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('goSilent' as const) }) },
);

const life: fc.Arbitrary<LifeSpec> = fc.record({
  pauseMs: fc.constantFrom(0, 0, 1, 5, 50),
  ending: fc.constantFrom('unsubscribe', 'unsubscribe', 'none', 'crash', 'drain', 'throw'),
  at: fc.oneof(fc.nat(30), fc.nat(300)),
  around: fc.constantFrom('nothing', 'nothing', 'retry', 'retry later', 'repeat'),
  faulty: fc.boolean(),
});

const saves = fc.array(
  fc.record({
    delayMs: fc.constantFrom(0, 0, 0, 3, 40),
    outcome: fc.constantFrom(
      'ok' as const,
      'ok' as const,
      'ok' as const,
      'error' as const,
      'rejected' as const,
      'lost' as const,
    ),
  }),
  { minLength: 1, maxLength: 5 },
);

const wait = fc.oneof(fc.nat(3), fc.nat(20), fc.constantFrom(50, 700, 2_500));

/** A random scenario. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    pipeline: pipelineSpec,
    events,
    published: fc.nat(24),
    window: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 12 }), fc.constant(200)),
    refill: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    from: fc.record({
      type: fc.constantFrom(
        'earliest' as const,
        'earliest' as const,
        'latest' as const,
        'position' as const,
        'date' as const,
      ),
      index: fc.nat(6),
    }),
    store: fc.option(fc.record({ commitIntervalMs: fc.constantFrom(0, 1, 20, 1_000), saves }), {
      nil: undefined,
      freq: 2,
    }),
    maxAttempts: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 3 }),
    service: fc.record({
      latencyMs: fc.nat(3),
      responseSize: fc.integer({ min: 1, max: 8 }),
      eager: fc.constantFrom(true, true, false),
      schemaMs: fc.constantFrom(0, 0, 2, 30),
      schemaFailures: fc.nat(2),
    }),
    script: fc.array(fc.record({ waitMs: wait, action }), { maxLength: 24, size: 'max' }),
    lives: fc.array(life, { maxLength: 5, size: 'max' }),
    aside: fc.record({ delayMs: fc.nat(20), fails: rarely(3) }),
    random: fc.integer({ min: 1 }),
  })
  .map(possible);

/** What cannot go well by design is left out. */
function possible(given: Scenario): Scenario {
  const gathers = /"op":"(gather|batch|aside)"/.test(JSON.stringify(given.pipeline));
  // A collector of more than the window can hold waits for ever.
  const pipeline = given.pipeline.map((stage) =>
    stage.op === 'gather' ? { ...stage, size: Math.min(stage.size, given.window) } : stage,
  );
  // The service would wait for demand of two, and the client for the one that it has asked for.
  const shares = !gathers && given.window >= 4 && given.refill === undefined;
  const events = given.events.map((event, index, all) => {
    const sharesPosition = shares && event.sharesPosition && index > 0 && !all[index - 1]!.sharesPosition;
    return { ...event, sharesPosition, secondsLater: sharesPosition ? 0 : event.secondsLater };
  });
  // With `latest` and no store, a process that dies has no position; and without one, a script has to publish.
  const mayDie = given.store !== undefined || given.from.type !== 'latest';
  const lives = mayDie ? given.lives : given.lives.map((life) => ({ ...life, ending: survivable(life.ending) }));
  return { ...given, pipeline, events, lives };
}

function survivable(ending: LifeSpec['ending']): LifeSpec['ending'] {
  return ending === 'none' ? 'none' : 'unsubscribe';
}
