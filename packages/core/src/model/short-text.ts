import { mayGenerateCode } from './generated-code.js';
import { utf8 } from './utf8.js';

/** Reads the text of one length that starts at `start`. */
type TextReader = (bytes: Buffer, start: number) => string;

/** Longer texts are made as quickly by Node. */
const LONGEST = 40;

const readers: TextReader[] = [];

/**
 * The text in UTF-8 from `start` to `end`, which must be within the bytes. A short text in plain ASCII is made here: to
 * ask Node for it takes twice as long, as that is a call to another language. The text does not keep the bytes alive.
 */
export function shortText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > LONGEST || !mayGenerateCode()) return utf8(bytes, start, end);
  const read = (readers[length] ??= compileTextReader(length));
  return read(bytes, start);
}

/** A function for one length, whose bytes are all variables: a loop takes four times as long. */
function compileTextReader(length: number): TextReader {
  if (length === 0) return () => '';
  const bytes = Array.from({ length }, (_, index) => `b${index}`);
  const source = [
    `const ${bytes.map((byte, index) => `${byte} = bytes[start + ${index}]`).join(', ')};`,
    `return (${bytes.join(' | ')}) > 127 ? utf8(bytes, start, start + ${length}) : fromCharCode(${bytes.join(', ')});`,
  ];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  return new Function('utf8', 'fromCharCode', `return (bytes, start) => {\n${source.join('\n')}\n};`)(
    ...[utf8, String.fromCharCode],
  ) as TextReader;
}
