/**
 * Holds what reads and writes the bytes of the service's messages against other libraries, on random and broken inputs.
 * See docs/architecture.md, "The decoding path".
 *
 * @packageDocumentation
 */
import { parseArgs } from 'node:util';
import { seeded, type Seeded } from '../../packages/core/test/fault/support/seeded.js';
import { fuzzAnswers, fuzzRequests } from './calls.js';
import { fuzzDecoder } from './decoder.js';
import type { Tally } from './finding.js';
import { fuzzWire } from './wire.js';

const USAGE = `npm run fuzz [-- --inputs N] [--seed N]

  --inputs N  inputs for each of them, 1000000 by default
  --seed N    the random choices: another number, other inputs; by default a new one each time

Ends with 1 where two differ, and prints the input.`;

const TARGETS: readonly ((inputs: number, random: Seeded) => Tally)[] = [
  fuzzWire,
  fuzzAnswers,
  fuzzRequests,
  fuzzDecoder,
];

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new RangeError(`${name} is "${text}", but must be a whole number from 1.`);
}

function optionsOrExit(): { readonly inputs: number; readonly seed: number } {
  try {
    const seed = String(1 + Math.floor(Math.random() * 0x7fff_fffe));
    const { values } = parseArgs({
      options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: seed } },
    });
    return { inputs: wholeNumber('--inputs', values.inputs), seed: wholeNumber('--seed', values.seed) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { inputs, seed } = optionsOrExit();
console.log(`--inputs ${inputs} --seed ${seed}`);
try {
  for (const fuzz of TARGETS) {
    const { name, same, bothRefused, oursRefused } = fuzz(inputs, seeded(seed));
    console.log(
      `${name}: ${inputs} inputs, ${same} read alike, ${bothRefused} refused by both, ${oursRefused} by ours alone`,
    );
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\nseed   ${seed}`);
  process.exit(1);
}
