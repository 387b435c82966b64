/**
 * Prints the decoder that rxforce compiles for a schema. See docs/concepts/decoding.md.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseSchema } from '../../packages/core/src/codec/avro.js';
import { types } from '../../packages/core/src/codec/avsc.js';
import { decoderSource } from '../../packages/core/src/codec/decoder-source.js';

const USAGE = `npm run decoder -- FILE [--fields A,B]

  FILE          an Avro schema in JSON, as the service sends it, of a change event or a platform event
  --fields A,B  only these fields become properties, as with the option \`fields\``;

function main(): void {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { fields: { type: 'string' } } });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new RangeError('One file is wanted.');
  const type = parseSchema(readFileSync(file, 'utf8'));
  if (!(type instanceof types.RecordType)) throw new TypeError(`${file} describes a ${type.typeName}, and no event.`);
  console.log(decoderSource(type, values.fields === undefined ? undefined : new Set(values.fields.split(','))));
}

try {
  main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(2);
}
