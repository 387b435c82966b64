/**
 * An error with the text of another one, and without its other members: a cause of NATS may have the message that was
 * sent. Node prints such members of an uncaught error, and so does every log that inspects errors.
 *
 * @returns A copy with the name, message and stack. A text is returned unchanged; for any other value, its type.
 */
export function plainError(thrown: unknown): unknown {
  if (typeof thrown === 'string') return thrown;
  if (!(thrown instanceof Error)) return `(${thrown === null ? 'null' : typeof thrown})`;
  const { name, message, stack = '' } = thrown;
  const copy = new Error(message);
  // These members are not enumerable, as in any other error, so `inspect` does not list them.
  const hidden = { configurable: true, writable: true, enumerable: false };
  const places = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  Object.defineProperty(copy, 'name', { ...hidden, value: name });
  Object.defineProperty(copy, 'stack', { ...hidden, value: [`${name}: ${message}`, ...places].join('\n') });
  return copy;
}
