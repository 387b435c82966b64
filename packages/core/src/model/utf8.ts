/** What Node's own `toString` calls, after a look at its arguments that takes as long as a short text itself. */
interface Slicing {
  readonly utf8Slice?: (this: Buffer, start: number, end: number) => string;
}

const { utf8Slice } = Buffer.prototype as Slicing;

/** The text in UTF-8 from `start` to `end`, which must be within the bytes. */
export const utf8: (bytes: Buffer, start: number, end: number) => string = utf8Slice
  ? (bytes, start, end) => utf8Slice.call(bytes, start, end)
  : (bytes, start, end) => bytes.toString('utf8', start, end);
