import type avro from 'avsc';
import { reasonOf } from '../model/answer.js';
import { DecodeError, RxforceError } from '../model/errors.js';
import { asText } from '../model/json.js';
import { compileDecoder, type CompiledDecoder } from './compiled-decoder.js';
import { Cursor } from './cursor.js';
import { bodyFields, headerReader, isChangeEvent, type BitmapNames, type DecodedPayload } from './event-record.js';
import { recordReader } from './reader.js';

/**
 * Decodes one payload.
 *
 * @param message - The bytes that the payload is in.
 * @param start - Where it starts in the message. 0 by default.
 * @param end - Where it ends in the message. The message's end by default.
 * @throws `DecodeError` when it is no payload of the schema.
 */
export type PayloadDecoder = (message: Buffer, start?: number, end?: number) => DecodedPayload;

/**
 * Makes a decoder of a schema. It is compiled at its first event. A payload that the compiled decoder refuses is read
 * once more by interpreting the schema, which is slow, and says what is wrong.
 *
 * @param names - The names behind the schema's bitmaps.
 * @param wanted - The fields wanted in `data`. All by default.
 */
export function payloadDecoder(
  type: avro.types.RecordType,
  schemaId: string,
  names: BitmapNames,
  wanted?: ReadonlySet<string>,
): PayloadDecoder {
  const interpret = interpretingDecoder(type, schemaId, names, wanted);
  let decode: CompiledDecoder | undefined;
  let isCompiled = false;
  return (message, start = 0, end = message.length) => {
    try {
      if (!isCompiled) {
        isCompiled = true;
        decode = compileDecoder(type, names, wanted);
      }
      if (decode) return decode(message, start, end);
    } catch {
      // The reason follows, or the event: a schema that cannot be compiled can still be interpreted.
    }
    return interpret(message.subarray(start, end));
  };
}

/** Makes a decoder that walks through the schema for each payload. */
export function interpretingDecoder(
  type: avro.types.RecordType,
  schemaId: string,
  names: BitmapNames,
  wanted?: ReadonlySet<string>,
): (payload: Buffer) => DecodedPayload {
  const readHeader = isChangeEvent(type) ? headerReader(type, names) : () => undefined;
  const readData = recordReader(bodyFields(type), wanted && { wanted: (name) => wanted.has(name) });
  return (payload) => {
    try {
      const cursor = new Cursor(payload);
      const header = readHeader(cursor);
      // The header's own bigints are handled already.
      cursor.takeBigint();
      const data = readData(cursor) as Record<string, unknown>;
      if (cursor.takeBigint()) asText(data);
      if (cursor.position !== payload.length) {
        throw new DecodeError(`The payload goes on after its schema's last field, at byte ${cursor.position}.`);
      }
      return { header, data };
    } catch (cause) {
      throw undecodable(cause, schemaId);
    }
  };
}

function undecodable(cause: unknown, schemaId: string): DecodeError {
  const reason = reasonOf(cause);
  return new DecodeError(`An event cannot be decoded with schema ${schemaId}: ${reason}`, {
    schemaId,
    cause: RxforceError.is(cause) ? undefined : cause,
  });
}
