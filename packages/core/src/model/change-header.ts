import type { ChangeEventHeader } from './events.js';
import { asText } from './json.js';

/**
 * The prototype of the headers of change events. It has `toJSON`, because `commitNumber` is a bigint, for which
 * `JSON.stringify` would throw. It is on the prototype, as a stream makes many headers.
 */
export const HEADER_PROTOTYPE: object = asText(Object.create(Object.prototype) as object);

/**
 * A copy of a header with some fields changed. `JSON.stringify` accepts it, unlike `{ ...header }`. It has the header's
 * own prototype, so a test's header equals its copy.
 *
 * @param changes - The changed fields.
 */
export function headerWith(header: ChangeEventHeader, changes: Partial<ChangeEventHeader> = {}): ChangeEventHeader {
  const prototype = Object.getPrototypeOf(header) as object | null;
  const copy = Object.assign(Object.create(prototype) as object, header, changes);
  return prototype === HEADER_PROTOTYPE ? copy : asText(copy);
}
