/**
 * Payloads decoded, and nothing else: by our codec or by avsc, without a network.
 *
 * @packageDocumentation
 */
import avro from 'avsc';
import { eventSchema } from '@rxforce/core/codec';
import { endWithParent, parameters, tellParent } from '../processes/child-side.js';
import type { ClientParameters, ClientResult, Stretch } from '../processes/messages.js';
import { ACCOUNT_SCHEMA_ID, accountPayloads } from '../server/account-payloads.js';
import { accountSchemaJson } from '../server/account-schema.js';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { EXACT_LONG } from './exact-long.js';
import { cpuMicros, peakRssMb } from './process-figures.js';

/** What else it is told. */
interface Parameters extends ClientParameters {
  readonly decoder: 'rxforce' | 'avsc';
  /** The fields wanted; all if left out. */
  readonly fields?: readonly string[];
}

/** More than any memory of texts would keep: ids and keys differ from one to the next. */
const PAYLOADS = 8_000;

const { decoder, fields, warmUp, measured } = parameters<Parameters>();
const payloads = accountPayloads({ count: PAYLOADS, lastCommitNumber: LAST_COMMIT_NUMBER }).map(({ bytes }) => bytes);

/** A function that decodes a payload to its commit number, so that no compiler can leave the work out. */
function decoding(): (payload: Buffer) => unknown {
  if (decoder === 'avsc') {
    const type = avro.Type.forSchema(JSON.parse(accountSchemaJson()) as avro.Schema, {
      registry: { long: EXACT_LONG },
      wrapUnions: false,
    });
    return (payload) => (type.fromBuffer(payload) as { ChangeEventHeader: { commitNumber: bigint } }).ChangeEventHeader;
  }
  const decode = eventSchema(accountSchemaJson(), ACCOUNT_SCHEMA_ID).decoder(fields);
  return (payload) => decode(payload).header;
}

let decoded: unknown;

/** Decodes for a while. Answers with the processor's time for each payload. */
function run(decode: (payload: Buffer) => unknown, { events, longestMs }: Stretch): number {
  const endMs = performance.now() + longestMs;
  const start = cpuMicros();
  let count = 0;
  while (count < events && performance.now() < endMs) {
    for (const payload of payloads) decoded = decode(payload);
    count += payloads.length;
  }
  return (cpuMicros() - start) / count;
}

endWithParent();
const decode = decoding();
run(decode, warmUp);
const result: ClientResult = {
  cpuMicros: run(decode, measured),
  rssMb: peakRssMb(),
  ...(decoded === undefined && { problem: 'Nothing was decoded.' }),
};
tellParent(result, () => process.exit());
