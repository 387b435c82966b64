import type { IncomingMessage } from 'node:http';

/** A request, read to its end. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An answer: JSON, or text where the service answers with text. */
export type HttpAnswer =
  | { readonly type: 'json'; readonly status: number; readonly body: unknown; readonly headers?: Headers }
  | { readonly type: 'text'; readonly status: number; readonly body: string; readonly headers?: Headers };

type Headers = Readonly<Record<string, string>>;

/** One row of the server's table. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** With `*` as its last segment, it is for all paths that have another one there. */
  readonly path: string;
  handle(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
}

/** Finds the route of a request and lets it answer. Errors look as on Salesforce's REST endpoints. */
export function answer(routes: readonly Route[], request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
  const onPath = routes.filter(({ path }) => isFor(path, request.path));
  const route = onPath.find(({ method }) => method === request.method);
  if (route !== undefined) {
    return route.handle(request);
  }
  if (onPath.length === 0) {
    return restError(404, 'NOT_FOUND', 'The requested resource does not exist');
  }
  const allowed = onPath.map(({ method }) => method).join(', ');
  const message = `HTTP Method '${request.method}' not allowed. Allowed are ${allowed}`;
  return { ...restError(405, 'METHOD_NOT_ALLOWED', message), headers: { allow: allowed } };
}

function isFor(path: string, requested: string): boolean {
  return path === requested || (path.endsWith('/*') && path === requested.replace(/\/[^/]+$/, '/*'));
}

/** An error as on Salesforce's REST endpoints. */
export function restError(status: number, errorCode: string, message: string): HttpAnswer {
  return { type: 'json', status, body: [{ errorCode, message }] };
}
