import { withoutArguments } from './redis-reply.js';

/**
 * An error that says what another one said, and carries nothing else. The errors of ioredis have the arguments of the command
 * that failed: the password of AUTH, or whole dead letters. Node prints such members of an error that nobody caught, and so
 * does every log that inspects errors.
 *
 * @returns A copy with the name, message and stack; what is no error as it is, if it is a text, or else its type.
 */
export function plainError(thrown: unknown): unknown {
  if (typeof thrown === 'string') return withoutArguments(thrown);
  if (!(thrown instanceof Error)) return `(${thrown === null ? 'null' : typeof thrown})`;
  const { name, stack = '' } = thrown;
  const copy = new Error(withoutArguments(thrown.message || codeOf(thrown)));
  // Members that nobody sees in an inspected error, as those of any other.
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
