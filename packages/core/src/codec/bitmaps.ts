import { DecodeError } from '../model/errors.js';

/** A field as bitmaps see it: a name at a position, and the children of a compound. */
export interface BitmapField {
  readonly name: string;
  /** Names of the children, for a compound field such as an address. */
  readonly children?: readonly string[];
}

const ELEMENT = /^(?:(\d+)-)?0x([0-9a-f]+)$/i;

/**
 * The names behind a header's bitmaps. An element `0x…` covers the record's fields, an element `N-0x…` the children of
 * the field at position N; bit i from the least significant is position i. Any element may stand alone, and a bitmap
 * may be longer than 64 bits. A child is named `Parent.Child`.
 *
 * @throws `DecodeError` when an element is malformed, or names a position that the schema does not have.
 */
export function fieldNamesOf(bitmaps: readonly string[], fields: readonly BitmapField[]): readonly string[] {
  return bitmaps.flatMap((bitmap, index) => {
    const match = ELEMENT.exec(bitmap);
    if (!match?.[2]) {
      // Without its text: with a schema that is not the payload's, it may be anybody's data.
      throw new DecodeError(
        `Element ${index + 1} of the header's field bitmaps, a text of ${bitmap.length} characters, is not a field bitmap.`,
      );
    }
    const [, parentPosition, hex] = match;
    if (parentPosition === undefined) return positionsOf(hex).map((position) => nameAt(position, fields).name);
    const parent = nameAt(Number(parentPosition), fields);
    const children = (parent.children ?? []).map((name) => ({ name }));
    return positionsOf(hex).map((position) => `${parent.name}.${nameAt(position, children).name}`);
  });
}

/** The positions of the bits set, from the least significant, which the last digit holds. */
function positionsOf(hex: string): number[] {
  return Array.from(hex)
    .reverse()
    .flatMap((digit, index) => {
      const bits = Number.parseInt(digit, 16);
      return [0, 1, 2, 3].filter((bit) => bits & (1 << bit)).map((bit) => index * 4 + bit);
    });
}

function nameAt(position: number, fields: readonly BitmapField[]): BitmapField {
  const field = fields[position];
  if (field === undefined) {
    throw new DecodeError(`A field bitmap names position ${position}, but the schema has ${fields.length} there.`);
  }
  return field;
}
