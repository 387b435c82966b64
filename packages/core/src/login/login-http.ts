import { request, type Dispatcher } from 'undici';
import { dispatcherFor, proxyFor } from '../net/dispatcher.js';
import type { LoginEndpoint } from './login-options.js';
import { unreachable } from './unreachable.js';

/** A request to a login endpoint. */
export interface LoginRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Record<string, string>;
  readonly body?: string;
  /**
   * Longest answer that is read, in bytes.
   *
   * @defaultValue 1 MiB: answers of logins are a few KiB long
   */
  readonly maxAnswerBytes?: number;
}

/** An answer, read to its end. */
export interface LoginAnswer {
  readonly status: number;
  readonly text: string;
  /** The server's clock, in epoch milliseconds, as its `Date` header says. */
  readonly serverTime: number | undefined;
}

const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Sends a request to a login endpoint, through the proxy of the option `proxy` or of the environment, and reads the
 * answer. Redirections are not followed, as they would take the secrets elsewhere. Answers are not unpacked.
 *
 * @throws `ConnectionError` when there is no answer, or an endless one. The error does not contain the request.
 * `ConfigurationError` when the environment names an invalid proxy.
 */
export async function send(
  { ca, timeoutMs, proxy: option }: Omit<LoginEndpoint, 'origin'>,
  url: string,
  asked: LoginRequest,
): Promise<LoginAnswer> {
  const proxy = proxyFor(url, option);
  // One for each request: logins are rare, and a connection kept open would be one more thing to close.
  const dispatcher = dispatcherFor(proxy, { ca, timeoutMs });
  try {
    return await Promise.race([exchange(dispatcher, url, asked), expiry(timeoutMs)]);
  } catch (cause) {
    throw unreachable(url, { cause, timeoutMs, proxy });
  } finally {
    void dispatcher.destroy().catch(() => undefined);
  }
}

async function exchange(dispatcher: Dispatcher, url: string, asked: LoginRequest): Promise<LoginAnswer> {
  const { method, headers, body, maxAnswerBytes = MAX_ANSWER_BYTES } = asked;
  const answer = await request(url, { method, headers, body: body ?? null, dispatcher });
  const date = Date.parse(String(answer.headers.date));
  return {
    status: answer.statusCode,
    text: await textIn(answer.body, maxAnswerBytes),
    serverTime: Number.isNaN(date) ? undefined : date,
  };
}

/** Reads at most `maxBytes`, as the peer may never stop. */
async function textIn(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw Object.assign(new Error('The answer is too long.'), { code: 'ANSWER_TOO_LONG' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Rejects after a time. undici heeds a signal only once it is connected, which a proxy can put off for minutes. */
function expiry(timeoutMs: number): Promise<never> {
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}
