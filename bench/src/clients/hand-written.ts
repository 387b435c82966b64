/**
 * A loop written by hand, with 64-bit numbers read as they are: what any correct loop must do, since commit numbers
 * exceed 2^53.
 *
 * @packageDocumentation
 */
import avro from 'avsc';
import { LAST_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { handWrittenLoop } from './hand-written-loop.js';
import { Meter } from './meter.js';

/** As avsc's documentation has it. */
const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

await handWrittenLoop(new Meter(LAST_COMMIT_NUMBER), TOPICS.account, { long });
