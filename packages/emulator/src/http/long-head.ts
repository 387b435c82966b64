import type { IncomingMessage } from 'node:http';
import type { HttpAnswer } from './route.js';

/** Most bytes of a request's URI, and of its URI and headers together. */
const MOST_BYTES = 16_384;
/** The bytes around the name and the value of a header: `: ` and the line's end. */
const AROUND_HEADER = 4;

/**
 * The refusal of a request that is too long before its body, as the service documents it: 414 for the URI, 431 for URI
 * and headers together; `undefined` for other requests.
 */
export function longHeadAnswer({ url = '', rawHeaders }: IncomingMessage): HttpAnswer | undefined {
  const uriBytes = Buffer.byteLength(url);
  if (uriBytes > MOST_BYTES) return refusal(414, 'URI Too Long');
  const headerBytes = rawHeaders.reduce((sum, text) => sum + text.length + AROUND_HEADER / 2, 0);
  return uriBytes + headerBytes > MOST_BYTES ? refusal(431, 'Request Header Fields Too Large') : undefined;
}

/** The page that clients of the service have seen. */
function refusal(status: number, reason: string): HttpAnswer {
  const headers = { 'content-type': 'text/html;charset=iso-8859-1', connection: 'close' };
  return { type: 'text', status, body: `<h1>Bad Message ${status}</h1><pre>reason: ${reason}</pre>`, headers };
}
