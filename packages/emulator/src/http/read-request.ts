import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from './route.js';

/** What the paths of requests are relative to. */
const ORIGIN = 'http://localhost';
/** A target with its origin, as clients send it to proxies. */
const ABSOLUTE = /^https?:\/\//i;
/** A path; of slashes alone, only one is. */
const PATH = /^\/(?!\/+$)/;

/**
 * A request, once its body is read. Doubled slashes count as one, as the service takes them: clients that know the org's
 * address with a slash at its end send `//services/data`. A POST with `_HttpMethod` counts as that method.
 *
 * @returns `undefined` when the request's target is no path and no URL.
 */
export function readRequest(
  { url = '/', method = 'GET', headers }: IncomingMessage,
  body: string,
): HttpRequest | undefined {
  const target = ABSOLUTE.test(url) ? url : `${ORIGIN}${url}`;
  if (!(ABSOLUTE.test(url) || PATH.test(url)) || !URL.canParse(target)) return undefined;
  const { pathname, searchParams: query } = new URL(target);
  const path = pathname.replace(/\/{2,}/g, '/');
  return { method: methodOf(method, query), path, query, headers, body };
}

/** For clients whose HTTP library knows no PATCH. */
function methodOf(method: string, query: URLSearchParams): string {
  const meant = query.get('_HttpMethod');
  return method === 'POST' && meant !== null ? meant.toUpperCase() : method;
}
