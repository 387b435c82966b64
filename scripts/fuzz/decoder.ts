import type avro from 'avsc';
import { types } from '../../packages/core/src/codec/avsc.js';
import { parseSchema } from '../../packages/core/src/codec/avro.js';
import { compileDecoder } from '../../packages/core/src/codec/compiled-decoder.js';
import { bitmapNames } from '../../packages/core/src/codec/event-record.js';
import { interpretingDecoder } from '../../packages/core/src/codec/payload-decoder.js';
import type { Seeded } from '../../packages/core/test/fault/support/seeded.js';
import { agree, count, Finding, newTally, outcomeOf, plain, type Tally } from './finding.js';
import { mutate } from './mutate.js';
import { schemaOf } from './schemas.js';
import { valueOf } from './values.js';

/** How many payloads each schema gets: more than a decoder needs to be optimized now and then. */
const INPUTS_FOR_A_SCHEMA = 1_000;

/**
 * Holds the compiled decoder against the one that interprets the schema, and that against avsc, on payloads of random
 * schemas, of which most are then broken.
 */
export function fuzzDecoder(inputs: number, random: Seeded): Tally {
  const tally = newTally('payload');
  while (tally.inputs < inputs) {
    const decoders = decodersOf(recordOf(schemaOf(random)), random);
    const rest = Math.min(INPUTS_FOR_A_SCHEMA, inputs - tally.inputs);
    for (let done = 0; done < rest; done++) fuzzOne(decoders, tally, random);
  }
  return tally;
}

interface Decoders {
  readonly record: avro.types.RecordType;
  readonly compiled: (payload: Buffer) => unknown;
  readonly interpreted: (payload: Buffer) => unknown;
  /** Absent where a field is called `__proto__`, which avsc loses. */
  readonly avsc: ((payload: Buffer) => unknown) | undefined;
}

function recordOf(schema: object): avro.types.RecordType {
  const type = parseSchema(JSON.stringify(schema));
  if (type instanceof types.RecordType) return type;
  throw new TypeError('The schema is no record.');
}

function decodersOf(record: avro.types.RecordType, random: Seeded): Decoders {
  const names = bitmapNames(record);
  const all = record.fields.map(({ name }) => name).filter((name) => name !== 'ChangeEventHeader');
  const wanted = random.below(2) === 0 ? undefined : new Set(all.filter(() => random.below(2) === 0));
  const compiled = compileDecoder(record, names, wanted);
  if (!compiled) throw new Error('The decoder was not compiled.');
  const before = Buffer.from('before');
  return {
    record,
    // In the middle of a message, as it comes: what is around it must not be read.
    compiled: (payload) =>
      compiled(Buffer.concat([before, payload, before]), before.length, before.length + payload.length),
    interpreted: interpretingDecoder(record, 'id', names, wanted),
    avsc: all.includes('__proto__')
      ? undefined
      : (payload) => {
          const { ChangeEventHeader: header, ...data } = record.fromBuffer(payload) as Record<string, unknown>;
          const kept = all.filter((name) => wanted?.has(name) ?? true);
          return {
            header: header && asRead(header, names),
            data: Object.fromEntries(kept.map((name) => [name, data[name]])),
          };
        },
  };
}

function fuzzOne({ record, compiled, interpreted, avsc }: Decoders, tally: Tally, random: Seeded): void {
  const whole = record.toBuffer(valueOf(record, random));
  const input = random.below(4) === 0 ? whole : mutate(whole, random);
  const ours = outcomeOf(() => plain(compiled(input)));
  const walked = outcomeOf(() => plain(interpreted(input)));
  // What the compiled decoder refuses, the other one reads again. That must be rare: a number in more bytes than it
  // needs.
  if (!agree(ours, walked) && ('value' in ours || input === whole)) {
    throw new Finding('payload: the compiled decoder differs from the interpreting one', input, ours, walked);
  }
  // A few bytes can make avsc fill the memory, so it is not asked for what ours refuses.
  count(tally, input, walked, avsc && 'value' in walked ? outcomeOf(() => plain(avsc(input))) : walked);
}

type Header = Record<string, unknown> & Record<'nulledFields' | 'diffFields' | 'changedFields', readonly string[]>;

/** avsc's header as ours is. */
function asRead(header: unknown, names: (bitmaps: readonly string[]) => readonly string[]): unknown {
  const { nulledFields, diffFields, changedFields, ...rest } = header as Header;
  return {
    ...rest,
    nulledFields: names(nulledFields),
    diffFields: names(diffFields),
    changedFields: names(changedFields),
    commitNumber: BigInt(rest.commitNumber as number),
  };
}
