import { shortText } from '../model/short-text.js';

/** Longer texts are hardly ever the same twice. */
const LONGEST = 64;
const PLACES = 512;
/** A text of fewer bytes is made as quickly as it is found. */
const SHORTEST = 4;
/** A field starts with so many points. */
const FIRST_POINTS = 60;
const MOST_POINTS = 200;

/** The text that was last at each place, and its bytes, 64 for each place. */
const texts = new Array<string>(PLACES).fill('');
const bytesOfTexts = new Uint8Array(PLACES * LONGEST);

/** The points of a decoder's fields: a field whose texts are never the same twice is not looked up any more. */
export type TextPoints = Int16Array;

/** As many points as each of `fields` starts with. */
export function textPoints(fields: number): TextPoints {
  return new Int16Array(fields).fill(FIRST_POINTS);
}

/**
 * The text in UTF-8 from `start` to `end`. Many fields of many events have the same few texts, such as the name of the
 * object, the origin of a change or the id of a user. Those are found by their bytes, which is quicker than to make
 * them again, and takes no memory.
 *
 * @param points - The points of the decoder's fields.
 * @param field - The number of the field among them.
 */
export function readText(bytes: Buffer, start: number, end: number, points: TextPoints, field: number): string {
  const length = end - start;
  if (length === 0) return '';
  const score = points[field] ?? 0;
  if (score <= 0 || length < SHORTEST || length > LONGEST) return shortText(bytes, start, end);
  const hash = Math.imul(int32At(bytes, end - 4), 0x9e3779b1) + Math.imul(int32At(bytes, start), 0x85ebca6b) + length;
  const place = hash >>> 23;
  const known = texts[place] ?? '';
  if (known.length === length && isAt(place, bytes, start, length)) {
    if (score < MOST_POINTS) points[field] = score + 1;
    return known;
  }
  points[field] = score - 1;
  return remember(place, bytes, start, end);
}

/** Whether the text at a place has the bytes at `start`. From the end, where texts that begin alike differ. */
function isAt(place: number, bytes: Buffer, start: number, length: number): boolean {
  const base = place * LONGEST;
  let index = length - 1;
  while (index >= 0 && bytesOfTexts[base + index] === bytes[start + index]) index--;
  return index < 0;
}

function remember(place: number, bytes: Buffer, start: number, end: number): string {
  const text = shortText(bytes, start, end);
  // The length of a text of fewer characters than bytes would not tell how many bytes to compare.
  if (text.length === end - start) {
    texts[place] = text;
    for (let to = place * LONGEST, from = start; from < end; to++, from++) bytesOfTexts[to] = bytes[from] ?? 0;
  }
  return text;
}

function int32At(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
}
