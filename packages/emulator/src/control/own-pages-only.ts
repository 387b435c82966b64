import { type HttpAnswer, type HttpRequest, restError, type Route } from '../http/route.js';

/** Names of this machine in a URL. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;
/** The values of browsers for requests that no other site's page has made. */
const OWN_SITES = new Set(['same-origin', 'none']);

/**
 * Protects routes that need no login. The server listens only on this machine, so the only stranger is a page of
 * another site in a browser on this machine. Browsers send its origin, and after DNS rebinding its host name, which a
 * page cannot change. Programs such as curl send no origin.
 */
export function ownPagesOnly(routes: readonly Route[]): Route[] {
  return routes.map((route) => ({
    ...route,
    handle: (request, segments) => refusalOf(request) ?? route.handle(request, segments),
  }));
}

function refusalOf({ headers }: HttpRequest): HttpAnswer | undefined {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!LOOPBACK.test(host.replace(/:\d*$/, ''))) {
    return refused(
      `the request names the host "${host}". Use the address of the ready line, which begins with localhost.`,
    );
  }
  if (origin !== undefined && !isOwnOrigin(origin, host)) {
    return refused(`a page from "${origin}" asks for it. Pages of other origins may not; use a program, such as curl.`);
  }
  if (typeof site === 'string' && !OWN_SITES.has(site)) {
    return refused('a page of another site asks for it. Use a program, such as curl.');
  }
  return undefined;
}

/** Whether the origin is a page of this server itself. */
function isOwnOrigin(origin: string, host: string): boolean {
  return ['http', 'https'].some((scheme) => origin.toLowerCase() === `${scheme}://${host.toLowerCase()}`);
}

function refused(why: string): HttpAnswer {
  return restError(403, 'FORBIDDEN', `This is not done: ${why}`);
}
