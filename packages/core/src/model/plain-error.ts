/**
 * An error with the text of another one, and without its other members. Those of a library may be the arguments of a
 * call, such as a password or an event. Node prints such members of an uncaught error, and so does every log that
 * inspects errors.
 *
 * @param textOf - Makes the text that may be shown of the message (of the code, where it has none), and of a text that
 * was thrown. By default it is unchanged.
 * @returns A copy with the name, message and places. A text that was thrown stays a text; for any other value, its
 * type.
 */
export function plainError(thrown: unknown, textOf = (text: string) => text): unknown {
  if (typeof thrown === 'string') return textOf(thrown);
  if (!(thrown instanceof Error)) return `(${thrown === null ? 'null' : typeof thrown})`;
  const { name, stack = '' } = thrown;
  const copy = new Error(textOf(thrown.message || codeOf(thrown)));
  // These members are not enumerable, as in any other error, so `inspect` does not list them.
  const hidden = { configurable: true, writable: true, enumerable: false };
  const places = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  Object.defineProperty(copy, 'name', { ...hidden, value: name });
  Object.defineProperty(copy, 'stack', { ...hidden, value: [`${name}: ${copy.message}`, ...places].join('\n') });
  return copy;
}

/** A message as a sentence that others may follow. */
export function sentence(message: string): string {
  const text = message.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function codeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}
