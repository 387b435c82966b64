import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { problem, type PageAnswer, type PageRequest } from './route.js';

/** Names of this machine in a URL. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;
/** The values of browsers for requests that no page of another site has made. */
const OWN_SITES = new Set(['same-origin', 'none']);
/** The header that a page of another origin cannot send without being asked for permission, which it does not get. */
export const OWN_HEADER = 'x-rxforce';
const COOKIE = 'rxforce_page';

/** Headers of every answer: nothing but the page's own files is loaded, and no other page has it in a frame. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Whether an address is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host) || host === '::1';
}

/**
 * Why a request is refused; `undefined` where it is not. Without a token, only names of this machine are served: a page
 * of another site whose name leads here (DNS rebinding) still sends its own name.
 */
export function refusalOf({ method, headers }: PageRequest, token: string | undefined): PageAnswer | undefined {
  const { host = '' } = headers;
  if (token === undefined && !LOOPBACK.test(host.replace(/:\d*$/, ''))) {
    return problem(421, `The request names the host "${host}". Use the address that begins with 127.0.0.1.`);
  }
  if (token !== undefined && !knowsToken(headers, token)) {
    return problem(401, 'This page needs its token: open /login?token=… once, or send it as a bearer token.');
  }
  return method === 'POST' ? strangerOf(headers, host) : undefined;
}

/** The answer to somebody who names the token in the URL: a cookie, and the page. */
export function login({ query }: PageRequest, token: string): PageAnswer {
  if (!isSame(query.get('token') ?? '', token)) return problem(401, 'This is not the token.');
  const cookie = `${COOKIE}=${proofOf(token)}; HttpOnly; SameSite=Strict; Path=/`;
  const headers = { location: '/', 'set-cookie': cookie };
  return { type: 'text', status: 303, contentType: 'text/plain', body: '', headers };
}

function strangerOf(headers: IncomingHttpHeaders, host: string): PageAnswer | undefined {
  const { origin, 'sec-fetch-site': site } = headers;
  if (headers[OWN_HEADER] !== '1') return problem(403, `A POST needs the header ${OWN_HEADER}: 1.`);
  const isOwn = origin === undefined || ['http', 'https'].some((scheme) => origin === `${scheme}://${host}`);
  if (!isOwn || (typeof site === 'string' && !OWN_SITES.has(site))) {
    return problem(403, 'A page of another origin asks for it. That is not done.');
  }
  return undefined;
}

function knowsToken({ cookie = '', authorization = '' }: IncomingHttpHeaders, token: string): boolean {
  const bearer = /^Bearer (.+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return isSame(bearer, token);
  const shown = cookie
    .split(';')
    .map((each) => each.trim().split('='))
    .find(([name]) => name === COOKIE)?.[1];
  return shown !== undefined && isSame(shown, proofOf(token));
}

/** What the cookie has: a browser's store of cookies then has no token that is good for other programs. */
function proofOf(token: string): string {
  return createHash('sha256').update(`${COOKIE} ${token}`).digest('base64url');
}

/** Takes the same time for all texts, so that nobody finds the right one by the time that it takes. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(sha256(given), sha256(wanted));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
