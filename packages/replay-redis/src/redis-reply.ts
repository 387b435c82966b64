/**
 * How Redis before 7 wraps the refusal of a command in a script: "ERR Error running script (call to f_…):
 * …user_script:25: …user_script: 25: -READONLY You can't …". Some hosted services and proxies still do so.
 */
const WRAPPED = /^ERR Error (?:running|compiling) script \([^)]*\): /;
/** The place in the script; it appears once or more often. */
const PLACES = /^(?:@\w+: ?\d+: )+/;
/** The text that Redis 7 and later add instead. */
const PLACE_AFTER = /[ .]* script: \w+, on @\w+:\d+\.?$/;
/** The arguments of the call, such as a password or a dead letter. */
const ARGUMENTS = /,? with args beginning with:.*$/s;

/**
 * The code and text of a reply of Redis. They are the same for all versions, whether a script or its caller was
 * refused.
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

/** The text of Redis without the arguments it was sent. */
export function withoutArguments(text: string): string {
  return text.replace(ARGUMENTS, '');
}
