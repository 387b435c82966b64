import type { ChangeEventHeader } from './events.js';
import { asText } from './json.js';

/**
 * What the headers of change events inherit: `toJSON`, because `commitNumber` is a bigint, which `JSON.stringify` would throw
 * at. On the prototype, and not on each of the many that a stream makes.
 */
export const HEADER_PROTOTYPE: object = asText(Object.create(Object.prototype) as object);

/**
 * A copy of a header with some fields changed, which `JSON.stringify` can take, as it would not `{ ...header }`. It has the
 * header's own prototype: what a test made equals what it made.
 *
 * @param changes - The fields that are other ones.
 */
export function headerWith(header: ChangeEventHeader, changes: Partial<ChangeEventHeader> = {}): ChangeEventHeader {
  const prototype = Object.getPrototypeOf(header) as object | null;
  const copy = Object.assign(Object.create(prototype) as object, header, changes);
  return prototype === HEADER_PROTOTYPE ? copy : asText(copy);
}
