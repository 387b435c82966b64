import { wholeNumber } from './whole-number.js';

/** Record ids of 15 and of 18 characters name the same record by their first 15. */
const ID_LENGTH = 15;

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * The hash FNV-1a of 32 bits, of the text in UTF-8.
 *
 * @param before - The hash of the text before it, which goes on with this one.
 */
export function fnv1a(text: string | Uint8Array, before = OFFSET_BASIS): number {
  let hash = before;
  for (const byte of typeof text === 'string' ? Buffer.from(text) : text) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}

/**
 * The partition of a record in an event log: FNV-1a of 32 bits over the first 15 characters of its id, modulo the
 * number of partitions. It is fixed for good, as programs in other languages may read the log.
 *
 * @param recordId - Of 15 or 18 characters.
 * @param partitions - How many partitions the log has; at least 1.
 * @throws `ConfigurationError` when the number of partitions is not valid.
 */
export function partitionOf(recordId: string, partitions: number): number {
  return fnv1a(recordId.slice(0, ID_LENGTH)) % wholeNumber('partitions', partitions, 1);
}
