/**
 * An error with the name, the message and the stack of another one, and without its other members: those of kafkajs
 * hold parts of the client. For any other value, its type.
 */
export function plainError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return `(${thrown === null ? 'null' : typeof thrown})`;
  const copy = new Error(thrown.message);
  const hidden = { configurable: true, writable: true, enumerable: false };
  Object.defineProperty(copy, 'name', { ...hidden, value: thrown.name });
  Object.defineProperty(copy, 'stack', { ...hidden, value: thrown.stack });
  return copy;
}
