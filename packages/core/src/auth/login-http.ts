import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { ConfigurationError } from '../model/errors.js';
import type { LoginEndpoint } from './login-options.js';
import { unreachable } from './unreachable.js';

/** A request to a login endpoint. */
export interface LoginRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** An answer, read to its end. */
export interface LoginAnswer {
  readonly status: number;
  readonly text: string;
  /** The server's clock, in epoch milliseconds, as its `Date` header says. */
  readonly serverTime: number | undefined;
}

/**
 * Sends a request to a login endpoint, by the proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), and reads
 * the answer. Redirections are not followed: they would take the secrets elsewhere.
 *
 * @throws `ConnectionError` when there is no answer. What was sent is not in it.
 */
export async function send(
  { ca, timeoutMs }: Omit<LoginEndpoint, 'origin'>,
  url: string,
  asked: LoginRequest,
): Promise<LoginAnswer> {
  const dispatcher = dispatcherOf(ca, timeoutMs);
  try {
    return await Promise.race([exchange(dispatcher, url, asked), expiry(timeoutMs)]);
  } catch (cause) {
    throw unreachable(url, { cause, timeoutMs, environment: process.env });
  } finally {
    void dispatcher.destroy().catch(() => undefined);
  }
}

async function exchange(
  dispatcher: Dispatcher,
  url: string,
  { method, headers, body }: LoginRequest,
): Promise<LoginAnswer> {
  const answer = await request(url, { method, headers, body: body ?? null, dispatcher });
  const date = Date.parse(String(answer.headers.date));
  return {
    status: answer.statusCode,
    text: await answer.body.text(),
    serverTime: Number.isNaN(date) ? undefined : date,
  };
}

/** Rejects after a time. undici heeds a signal only once it is connected, which a proxy can put off for minutes. */
function expiry(timeoutMs: number): Promise<never> {
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

/** One for each request: logins are rare, and a connection that is kept would be one more thing to close. */
function dispatcherOf(ca: string | undefined, timeoutMs: number): Dispatcher {
  const tls = { timeout: timeoutMs, ...(ca !== undefined && { ca }) };
  try {
    // No time but the caller's counts.
    return new EnvHttpProxyAgent({
      connect: tls,
      requestTls: tls,
      proxyTls: { timeout: timeoutMs },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  } catch {
    // Without the value, which may hold a password.
    throw new ConfigurationError(
      'The environment variable HTTPS_PROXY or HTTP_PROXY is not a URL such as "http://proxy.example:3128".',
    );
  }
}
