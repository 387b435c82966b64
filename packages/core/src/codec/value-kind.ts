/** The kind of a value, in words that do not reveal the value, for messages about data that may be anybody's. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  switch (typeof value) {
    case 'undefined':
      return 'missing';
    case 'string':
      return 'a text';
    case 'number':
      return numberKind(value);
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 'a bigint' : 'a bigint of more than 64 bits';
    case 'object':
      return objectKind(value);
    case 'boolean':
    case 'function':
    case 'symbol':
    default:
      return `a ${typeof value}`;
  }
}

function numberKind(value: number): string {
  if (Number.isNaN(value)) return 'not a number (NaN)';
  if (!Number.isFinite(value)) return 'infinite';
  if (!Number.isInteger(value)) return 'a number with a fraction';
  return Number.isSafeInteger(value) ? 'a number' : 'a number beyond 2^53';
}

function objectKind(value: object): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // A plain object of another realm has a prototype of its own, whose prototype is null.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return 'an object';
  return `an object of ${nameOf(prototype)}`;
}

/** Of its class, and not of the object's own `constructor`, which may be data. */
function nameOf(prototype: object): string {
  const { constructor } = prototype as { readonly constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class';
}
