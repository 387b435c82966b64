import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { type HttpAnswer, restError } from './route.js';

/** Longest accepted request body, in bytes, both as sent and after decompression. */
const MAX_BODY_BYTES = 50 * 1024 * 1024;

type Decompress = (body: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

/** The encodings that the service accepts. */
const ENCODINGS: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
]);

/**
 * Reads a request's body to its end, so that the client gets the answer even when the body is too long to keep.
 *
 * @returns The text, or the answer that refuses the body.
 * @throws The connection's error, when it breaks before the end.
 */
export async function readBody(request: IncomingMessage): Promise<string | HttpAnswer> {
  const bytes = await bytesOf(request);
  if (bytes === undefined) return tooLarge();
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  return encoding === 'identity' || bytes.length === 0 ? bytes.toString('utf8') : decompressed(bytes, encoding);
}

/** The bytes of a request; `undefined` when there are too many. */
async function bytesOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

/** Stops where the limit is exceeded: a few bytes can expand to very many. */
async function decompressed(bytes: Buffer, encoding: string): Promise<string | HttpAnswer> {
  const decompress = ENCODINGS.get(encoding);
  if (decompress === undefined) {
    const message = `Content encoding '${encoding}' not supported. Send gzip, deflate, or no encoding.`;
    return restError(415, 'UNSUPPORTED_MEDIA_TYPE', message);
  }
  try {
    return (await decompress(bytes, { maxOutputLength: MAX_BODY_BYTES })).toString('utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge()
      : restError(400, 'BAD_REQUEST', `The body is not ${encoding}, as its Content-Encoding says.`);
  }
}

function tooLarge(): HttpAnswer {
  return restError(413, 'REQUEST_TOO_LARGE', `The body of a request is at most ${MAX_BODY_BYTES} bytes long.`);
}
