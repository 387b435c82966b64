/**
 * The value of a record's own field. A name from outside may be one that every object inherits, such as `constructor`
 * or `__proto__`.
 */
export function ownField(record: object, name: string): unknown {
  return Object.hasOwn(record, name) ? (record as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** Sets a field by a name from outside, also `__proto__`, which an assignment would take for the record's prototype. */
export function setField(record: object, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (record as Record<string, unknown>)[name] = value;
  }
}
