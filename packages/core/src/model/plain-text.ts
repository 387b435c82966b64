/** Longest foreign text that a message quotes, in characters. */
const MOST_CHARACTERS = 500;

/**
 * Characters that end a line, move a cursor or change the direction of writing. A terminal or a log would obey them.
 * `Cc` are the control characters, the escape character and line feeds among them.
 */
const OBEYED = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/**
 * Makes a text of a service, a peer or a login endpoint fit for a message and a log: one line, without control
 * characters, and cut where it is long.
 *
 * @param most - Most characters. The length of the rest is given in its place.
 */
export function plainText(text: string, most = MOST_CHARACTERS): string {
  const line = text.replace(OBEYED, ' ');
  if (line.length <= most) return line;
  // Never cuts between the halves of one character.
  const end = /[\ud800-\udbff]/.test(line.charAt(most - 1)) ? most - 1 : most;
  return `${line.slice(0, end)}… (${line.length - end} characters more)`;
}
