import type avro from 'avsc';
import { HEADER_PROTOTYPE } from '../model/change-header.js';
import { mayGenerateCode } from '../model/generated-code.js';
import { asText } from '../model/json.js';
import { types } from './avsc.js';
import { DECODER_KIT } from './decoder-kit.js';
import { decoderSource } from './decoder-source.js';
import { BITMAPS, isChangeEvent, NO_NAMES, type BitmapNames, type DecodedPayload } from './event-record.js';

/**
 * Decodes the payload that stands in a message from `start` to `end`. Throws where it cannot be decoded, without a
 * reason.
 */
export type CompiledDecoder = (message: Buffer, start: number, end: number) => DecodedPayload;

const PARAMETERS = ['kit', 'headerPrototype', 'names', 'NO_NAMES', 'asText'] as const;

/**
 * Compiles a decoder for the events of one schema. `undefined` where code must not be generated, and for schemas that
 * are unlike all of Salesforce's: those are interpreted.
 *
 * @param wanted - The fields that become properties of `data`. All by default.
 */
export function compileDecoder(
  record: avro.types.RecordType,
  names: BitmapNames,
  wanted?: ReadonlySet<string>,
): CompiledDecoder | undefined {
  if (!mayGenerateCode() || !IS_LITTLE_ENDIAN || !hasUsualHeader(record)) return undefined;
  // Only names enter the text as they are, and avsc has checked that they are Avro names.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  return new Function(...PARAMETERS, decoderSource(record, wanted))(
    ...[DECODER_KIT, HEADER_PROTOTYPE, names, NO_NAMES, asText],
  ) as CompiledDecoder;
}

/** The kit looks at numbers of 64 bits by their halves, of which it takes the first for the lower. */
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Whether it has no header, or one with all bitmaps. */
function hasUsualHeader(record: avro.types.RecordType): boolean {
  if (!isChangeEvent(record)) return true;
  const header = record.fields[0]?.type;
  if (!(header instanceof types.RecordType)) return false;
  const fields = new Set(header.fields.map(({ name }) => name));
  return BITMAPS.every((bitmap) => fields.has(bitmap)) && !fields.has('__proto__');
}
