import { fetch, Request, type Dispatcher, type Response as HttpResponse } from 'undici';
import { ConfigurationError, ConnectionError } from '../model/errors.js';
import { dispatcherFor, proxyFor, type HttpWay } from '../net/dispatcher.js';
import { proxyName } from '../net/proxy.js';
import type { OrgSession } from '../ports/session-provider.js';
import type { ResolvedOrgRequest } from './org-request.js';

/** How long a connection may take to be made, whichever call needs it first, in milliseconds. */
const CONNECT_MS = 30_000;

/** Sends calls to an org over connections that stay open. */
export class OrgHttp {
  private readonly dispatchers = new Map<string, Dispatcher>();

  constructor(private readonly way: Omit<HttpWay, 'timeoutMs'>) {}

  /**
   * Sends a call with a session. Redirections are not followed, as they would take the session elsewhere.
   *
   * Rejects with a `ConnectionError` when there is no answer in time, and with the reason of the signal when that ends
   * it. The error contains neither header nor body.
   */
  async send(session: OrgSession, request: ResolvedOrgRequest): Promise<HttpResponse> {
    const { timeoutMs, signal } = request;
    const { instanceUrl } = session;
    const call = callOf(session, request);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMs);
    try {
      return await fetch(call, {
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
        dispatcher: this.dispatcherTo(instanceUrl),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw this.noAnswer(instanceUrl, request, late.signal.aborted ? `none came in ${timeoutMs} ms` : reasonOf(cause));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Breaks all connections, and those of calls under way. */
  close(): void {
    for (const dispatcher of this.dispatchers.values()) void dispatcher.destroy().catch(() => undefined);
    this.dispatchers.clear();
  }

  private dispatcherTo(instanceUrl: string): Dispatcher {
    const known = this.dispatchers.get(instanceUrl);
    if (known) return known;
    const made = dispatcherFor(proxyFor(instanceUrl, this.way.proxy), { ca: this.way.ca, timeoutMs: CONNECT_MS });
    this.dispatchers.set(instanceUrl, made);
    return made;
  }

  private noAnswer(instanceUrl: string, { method, path }: ResolvedOrgRequest, reason: string): ConnectionError {
    const proxy = proxyFor(instanceUrl, this.way.proxy);
    const way = proxy === undefined ? '' : ` through ${proxyName(proxy)}`;
    return new ConnectionError(
      `${instanceUrl} gave no answer to ${method} ${path.replace(/[?#].*/s, '')}${way}: ${reason}. Check the network, and for a ` +
        'server of your own its certificate (tls.ca of the client).',
      { retriable: true },
    );
  }
}

/**
 * The call as it is sent.
 *
 * @throws `ConfigurationError` when no request can be like that. It shows no part of it, as that may be a secret.
 */
function callOf(
  { instanceUrl, accessToken }: OrgSession,
  { path, method, headers, body }: ResolvedOrgRequest,
): Request {
  try {
    return new Request(new URL(path, instanceUrl), {
      method,
      headers: { ...headers, authorization: `Bearer ${accessToken}` },
      ...(body !== undefined && { body }),
      redirect: 'manual',
    });
  } catch {
    throw new ConfigurationError(
      'client.fetch() got a call that cannot be sent: check the method, and the names and values of the headers; a GET has no body.',
    );
  }
}

/** undici has the reason in the cause. */
function reasonOf(thrown: unknown): string {
  const { message, cause } = Object(thrown) as { message?: unknown; cause?: unknown };
  if (cause instanceof Error) return cause.message === '' ? cause.name : cause.message;
  return typeof message === 'string' ? message : 'the connection broke';
}
