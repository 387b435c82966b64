import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ConfigurationError, plainText } from '@rxforce/core/model';
import type { SinkSettings } from '../config/settings/sinks.js';
import { cloudEventOf, sourceOf } from './cloud-event.js';
import { jsonEventOf } from './event-json.js';
import { SinkError, type Sink, type SinkEvent } from './sink.js';
import { messageHeaders, messageIdOf, signatureHeaders } from './webhook-signature.js';

/** The settings of a webhook. */
export type WebhookSettings = Extract<SinkSettings, { type: 'webhook' }>;

/** What a webhook takes from around it. */
export interface WebhookContext {
  /** The org's URL, which says where events come from. It may log in to know it. */
  readonly source: () => Promise<string>;
  /** The time in epoch milliseconds. */
  readonly now: () => number;
}

/** Answers that say that a later attempt may succeed; or that are about the address or the login, and not the event. */
const PASSING: readonly number[] = [401, 403, 404, 405, 407, 408, 410, 425, 429];
/** Statuses that are about the server alone. With 502 and 504, a proxy may say that an event was too much for it. */
const AWAY: readonly number[] = [429, 503];
/** The connection was there, and ended: an event may have ended the server. */
const BROKEN = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|HPE_\w+)$/;
/** The longest wait that the other side can ask for. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Sends events by HTTP. An answer of 2xx is success. 5xx, failures of the network, and answers that may pass or are
 * about the address are tried again, after `Retry-After` where it is given; any other answer is final.
 *
 * @throws `ConfigurationError` when the URL is none.
 */
export function webhookSink(settings: WebhookSettings, context: WebhookContext): Sink {
  const url = urlOf(settings.url);
  // Paths and queries may have secrets in them.
  const { origin } = url;
  return {
    write: async (events, { signal }) => {
      const source = await sourceOf(settings, context);
      const request = requestOf(settings, { events, source, now: context.now() });
      const limit = AbortSignal.timeout(settings.timeout_ms);
      const response = await send(url, request, AbortSignal.any([signal, limit])).catch((cause: unknown) => {
        throw unreachable(origin, cause, limit.aborted ? settings.timeout_ms : undefined);
      });
      await response.body?.cancel().catch(() => undefined);
      if (!response.ok) throw refused(origin, response, context.now());
    },
    check: async () => {
      await sourceOf(settings, context);
      await listens(url, settings.timeout_ms);
    },
  };
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new ConfigurationError('The url of a webhook must begin with https:// or http://.');
}

/** Whether somebody listens there. Nothing is sent, as any request could be taken for an event. */
function listens({ origin, hostname, port, protocol }: URL, timeoutMs: number): Promise<void> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'https:';
  const address = { host, port: Number(port === '' ? (isTls ? 443 : 80) : port) };
  const socket = isTls
    ? connectTls({ ...address, ...(isIP(host) === 0 && { servername: host }) })
    : connectPlain(address);
  return new Promise<void>((resolve, reject) => {
    socket.once(isTls ? 'secureConnect' : 'connect', () => resolve());
    socket.once('error', (error) => reject(unreachable(origin, error, undefined)));
    // The time of a socket begins anew with each step, such as the look-up of the name.
    AbortSignal.timeout(timeoutMs).addEventListener('abort', () => reject(unreachable(origin, undefined, timeoutMs)));
  }).finally(() => socket.destroy());
}

function send(url: URL, { body, headers }: WebhookRequest, signal: AbortSignal): Promise<Response> {
  const { username, password } = url;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  return fetch(bare, { method: 'POST', body, headers: { ...authorization, ...headers }, signal, redirect: 'manual' });
}

interface WebhookRequest {
  readonly body: string;
  readonly headers: Record<string, string>;
}

function requestOf(
  { format, secret, headers = {}, batch }: WebhookSettings,
  { events, source, now }: { readonly events: readonly SinkEvent[]; readonly source: string; readonly now: number },
): WebhookRequest {
  const isCloud = format === 'cloudevents';
  const values = events.map((event) => (isCloud ? cloudEventOf(event, source) : jsonEventOf(event)));
  const body = JSON.stringify(batch ? values : values[0]);
  const message = { id: messageIdOf(events), timestamp: Math.floor(now / 1_000), body };
  const type = isCloud ? `application/cloudevents${batch ? '-batch' : ''}+json` : 'application/json';
  return {
    body,
    headers: {
      ...{ 'content-type': `${type}; charset=utf-8`, 'user-agent': 'rxforce' },
      ...lowerCase(headers),
      ...(secret === undefined ? messageHeaders(message) : signatureHeaders(secret, message)),
    },
  };
}

/** `fetch` would join the values of `Content-Type` and `content-type`. */
function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function refused(origin: string, response: Response, now: number): SinkError {
  const { status } = response;
  // Redirects are not followed: the address is another one, for all events.
  const retriable = PASSING.includes(status) || status >= 500 || status < 400;
  const wait = retryAfter(response.headers.get('retry-after'), now);
  return new SinkError(`${origin} answered with HTTP ${status}.`, {
    retriable,
    outage: AWAY.includes(status),
    ...(wait !== undefined && { retryAfterMs: wait }),
  });
}

/** Seconds, or a date. */
function retryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const wait = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}

function unreachable(origin: string, thrown: unknown, timeoutMs: number | undefined): SinkError {
  if (timeoutMs !== undefined) return new SinkError(`${origin} did not answer within ${timeoutMs} ms.`);
  const { cause } = thrown as { readonly cause?: unknown };
  const { code, message = 'no connection' } = Object(cause ?? thrown) as Partial<NodeJS.ErrnoException>;
  const what = code !== undefined && BROKEN.test(code) ? 'ended the connection' : 'cannot be reached';
  const outage = what === 'cannot be reached';
  return new SinkError(`${origin} ${what}: ${plainText(code ?? message, 200)}.`, { outage });
}
