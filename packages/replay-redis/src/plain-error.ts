import { withoutArguments } from './redis-reply.js';

/**
 * An error with the text of another one, and without its other members. The errors of ioredis have the arguments of the
 * failed command: the password of AUTH, or whole dead letters. Node prints such members of an uncaught error, and so
 * does every log that inspects errors.
 *
 * @returns A copy with the name, message and stack. A text is returned unchanged; for any other value, its type.
 */
export function plainError(thrown: unknown): unknown {
  if (typeof thrown === 'string') return withoutArguments(thrown);
  if (!(thrown instanceof Error)) return `(${thrown === null ? 'null' : typeof thrown})`;
  const { name, stack = '' } = thrown;
  const copy = new Error(withoutArguments(thrown.message || codeOf(thrown)));
  // These members are not enumerable, as in any other error, so `inspect` does not list them.
  const hidden = { configurable: true, writable: true, enumerable: false };
  const places = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  Object.defineProperty(copy, 'name', { ...hidden, value: name });
  Object.defineProperty(copy, 'stack', { ...hidden, value: [`${name}: ${copy.message}`, ...places].join('\n') });
  return copy;
}

function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : '';
}
