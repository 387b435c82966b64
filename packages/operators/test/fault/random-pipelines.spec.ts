import { expect } from 'chai';
import fc from 'fast-check';
import { BROKEN_RULES } from './support/broken-rules.js';
import { PLAIN_KEEPERS } from './support/plain-keepers.js';
import { scenario, type Scenario } from './support/scenario.js';
import { World } from './support/world.js';

/**
 * How many scenarios are played, and from which seed. To search for longer than CI has time for:
 *
 * ```sh
 * RXFORCE_FUZZ_RUNS=200000 RXFORCE_FUZZ_SEED=7 npx mocha --no-config --conditions=rxforce-source --import=tsx
 * packages/operators/test/fault/random-pipelines.spec.ts
 * ```
 *
 * A failure prints its seed and the smallest scenario found, and what happened in it step by step. With
 * RXFORCE_FUZZ_TELL, each broken rule prints which scenario showed it, and what the oracle said.
 */
const runs = Number(process.env.RXFORCE_FUZZ_RUNS ?? 2_000);
const USUAL_SEED = 20_240_607;
const seed = Number(process.env.RXFORCE_FUZZ_SEED ?? USUAL_SEED);

/** How many scenarios may pass before a broken rule shows. */
const ORACLE_RUNS = 5_000;

/** Each with a plain operator that keeps events before it. */
const withKeeper = fc.asyncProperty(scenario, fc.constantFrom(...Object.keys(PLAIN_KEEPERS)), async (given, keeper) => {
  const violation = await new World(given, false, keeper).play();
  if (violation !== undefined) throw new Error(violation);
});

/** @param shows - Which violations count. */
const property = (shows = /./) =>
  fc.asyncProperty(scenario, async (given) => {
    const violation = await new World(given).play();
    if (violation !== undefined && shows.test(violation)) throw new Error(violation);
  });

/** Goes on with all scenarios, where those from `first` on show nothing any more. */
async function firstFailure(shows: RegExp, first: number): Promise<fc.RunDetails<[Scenario]>> {
  const options = { numRuns: ORACLE_RUNS - first, seed, endOnFailure: true, path: String(first) };
  const found = await fc.check(property(shows), options);
  return found.failed || first === 0 ? found : firstFailure(shows, 0);
}

describe('random pipelines', function () {
  this.timeout(process.env.RXFORCE_FUZZ_RUNS === undefined ? 400_000 : 0);

  // Errors are thrown by the ten thousand, and what went wrong is told by the trace.
  const { stackTraceLimit } = Error;
  before(() => (Error.stackTraceLimit = 0));
  after(() => (Error.stackTraceLimit = stackTraceLimit));

  it('lose nothing, pass nothing unfinished and never stall, whatever fails', async () => {
    const found = await fc.check(property(), { numRuns: runs, seed });
    if (found.failed) throw new Error(await told(found));
  });

  it('pass nothing unfinished either, with a plain operator before them that keeps events: they end, and nothing is lost', async () => {
    const found = await fc.check(withKeeper, { numRuns: Math.ceil(runs / 5), seed });
    if (!found.failed) return;
    const [given, keeper] = found.counterexample!;
    throw new Error(`${keeper}: ${await told({ ...found, counterexample: [given] } as never, keeper)}`);
  });

  describe('the oracle', () => {
    for (const { name, shows, first = 0, breakIt } of BROKEN_RULES) {
      it(`finds a scenario that fails, when ${name}`, async () => {
        const mend = breakIt();
        try {
          const found = await firstFailure(shows, seed === USUAL_SEED ? first : 0);
          expect(found.failed, `${found.numRuns} scenarios, and none showed it`).to.equal(true);
          if (process.env.RXFORCE_FUZZ_TELL) console.log(found.counterexamplePath, String(found.errorInstance));
        } finally {
          mend();
        }
      });
    }
  });
});

/** A failure, with what happened in it. */
async function told(found: fc.RunDetails<[Scenario]>, keeper?: string): Promise<string> {
  const [given] = found.counterexample!;
  const world = new World(given, true, keeper);
  await world.play();
  return [
    `Seed ${found.seed}, after ${found.numRuns} runs: ${String(found.errorInstance)}`,
    JSON.stringify(given),
    ...world.trace.slice(-200),
  ].join('\n');
}
