/**
 * An error with a given text, and the name and the places of another one. The errors of pg have the failed statement,
 * and texts with values of records: `Key (email)=(…) already exists`. Logs that inspect errors would print them.
 */
export function plainError(thrown: unknown, message: string): unknown {
  if (!(thrown instanceof Error)) return undefined;
  const { name, stack = '' } = thrown;
  const copy = new Error(message);
  // These members are not enumerable, as in any other error, so `inspect` does not list them.
  const hidden = { configurable: true, writable: true, enumerable: false };
  const places = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  Object.defineProperty(copy, 'name', { ...hidden, value: name });
  Object.defineProperty(copy, 'stack', { ...hidden, value: [`${name}: ${message}`, ...places].join('\n') });
  return copy;
}
