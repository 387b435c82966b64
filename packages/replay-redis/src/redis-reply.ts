/**
 * How Redis before 7 wraps what it refuses to a script: "ERR Error running script (call to f_…): …user_script:25: …user_script:
 * 25: -READONLY You can't …". Some hosted services and proxies do so still.
 */
const WRAPPED = /^ERR Error (?:running|compiling) script \([^)]*\): /;
/** Where in the script it was. It is there once or more often. */
const PLACES = /^(?:@\w+: ?\d+: )+/;
/** What Redis from 7 on adds instead. */
const PLACE_AFTER = /[ .]* script: \w+, on @\w+:\d+\.?$/;
/** What was called with: a password, or a dead letter. */
const ARGUMENTS = /,? with args beginning with:.*$/s;

/**
 * What a reply of Redis says: its code and text, the same for all versions, whether a script or its caller was refused.
 *
 * @param message - The message of an error of ioredis.
 */
export function replyIn(message: string): string {
  const inner = withoutArguments(message)
    .replace(/^ReplyError: /, '')
    .replace(WRAPPED, '')
    .replace(PLACES, '')
    .replace(PLACE_AFTER, '');
  // The code stands after the dash of the wire, or after the general code: "-OOM …", "ERR DENIED …".
  return inner.replace(/^-(?=[A-Z])/, '').replace(/^ERR (?=[A-Z]{4,} )/, '');
}

/** A text of Redis that repeats nothing of what it was sent. */
export function withoutArguments(text: string): string {
  return text.replace(ARGUMENTS, '');
}
