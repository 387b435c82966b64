import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from './route.js';

/** The base URL of request paths. */
const ORIGIN = 'http://localhost';
/** A target with its origin, as clients send it to proxies. */
const ABSOLUTE = /^https?:\/\//i;
/** A path; of paths with only slashes, just the single one. */
const PATH = /^\/(?!\/+$)/;

/**
 * A request whose body is read. Doubled slashes count as one, as at the service: clients that know the org's address
 * with a slash at its end send `//services/data`. A POST with `_HttpMethod` counts as that method.
 *
 * @returns `undefined` when the request's target is neither a path nor a URL.
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

/** The method, also for clients whose HTTP library does not support PATCH. */
function methodOf(method: string, query: URLSearchParams): string {
  const meant = query.get('_HttpMethod');
  return method === 'POST' && meant !== null ? meant.toUpperCase() : method;
}
