/**
 * The little of protobuf's encoding that is written by hand here.
 *
 * @packageDocumentation
 */

/** The tag byte of a field with a length: a text, bytes or a message. */
export function lengthTag(fieldNumber: number): number {
  return (fieldNumber << 3) | 2;
}

/** The tag byte of a number. */
export function numberTag(fieldNumber: number): number {
  return fieldNumber << 3;
}

/** A field with a length: its tag, the length of the content, and the content. */
export function lengthField(fieldNumber: number, content: Buffer): Buffer {
  const length: number[] = [];
  let rest = content.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([lengthTag(fieldNumber), ...length, rest]), content]);
}
