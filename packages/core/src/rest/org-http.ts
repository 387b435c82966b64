import { fetch, type Dispatcher, type Response as HttpResponse } from 'undici';
import { ConnectionError } from '../model/errors.js';
import { dispatcherFor, proxyFor, type HttpWay } from '../net/dispatcher.js';
import { proxyName } from '../net/proxy.js';
import type { OrgSession } from '../ports/session-provider.js';
import type { ResolvedOrgRequest } from './org-request.js';

/** Sends calls to an org over connections that stay open. */
export class OrgHttp {
  private readonly dispatchers = new Map<string, Dispatcher>();
  private isClosed = false;

  constructor(private readonly way: Omit<HttpWay, 'timeoutMs'>) {}

  /**
   * Sends a call with a session. Redirections are not followed, as they would take the session elsewhere.
   *
   * Rejects with a `ConnectionError` when there is no answer in time, and with the reason of the signal when that ends
   * it. The error contains neither header nor body.
   */
  async send(session: OrgSession, request: ResolvedOrgRequest): Promise<HttpResponse> {
    const { path, method, headers, body, timeoutMs, signal } = request;
    const { instanceUrl, accessToken } = session;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMs);
    try {
      return await fetch(new URL(path, instanceUrl), {
        method,
        headers: { ...headers, authorization: `Bearer ${accessToken}` },
        ...(body !== undefined && { body }),
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
        redirect: 'manual',
        dispatcher: this.dispatcherTo(instanceUrl, timeoutMs),
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
    this.isClosed = true;
    for (const dispatcher of this.dispatchers.values()) void dispatcher.destroy().catch(() => undefined);
    this.dispatchers.clear();
  }

  private dispatcherTo(instanceUrl: string, timeoutMs: number): Dispatcher {
    const known = this.dispatchers.get(instanceUrl);
    if (known) return known;
    const made = dispatcherFor(proxyFor(instanceUrl, this.way.proxy), { ca: this.way.ca, timeoutMs });
    if (!this.isClosed) this.dispatchers.set(instanceUrl, made);
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

/** undici has the reason in the cause. */
function reasonOf(thrown: unknown): string {
  const { message, cause } = Object(thrown) as { message?: unknown; cause?: unknown };
  if (cause instanceof Error) return cause.message === '' ? cause.name : cause.message;
  return typeof message === 'string' ? message : 'the connection broke';
}
