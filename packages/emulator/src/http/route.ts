import type { IncomingMessage } from 'node:http';

/** A complete request. */
export interface HttpRequest {
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An answer: JSON, or text where the service answers with text. */
export type HttpAnswer =
  | { readonly type: 'json'; readonly status: number; readonly body: unknown; readonly headers?: Headers }
  | {
      readonly type: 'text';
      readonly status: number;
      readonly body: string;
      readonly headers?: Headers;
      /** Whether it is compressed for clients that accept it. */
      readonly compress?: boolean;
    };

type Headers = Readonly<Record<string, string>>;

/** An answer, at once or later. */
type AnyAnswer = HttpAnswer | Promise<HttpAnswer>;

/** One row of the server's table. */
export interface Route<Answer extends AnyAnswer = AnyAnswer> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Each segment that is `*` stands for any one segment. A slash at the end of a request's path does not count. */
  readonly path: string;
  /** @param segments - The segments in place of the asterisks, decoded, in order. */
  handle(request: HttpRequest, segments: readonly string[]): Answer;
}

/**
 * Finds the first matching route of a request and lets it answer. HEAD is answered like GET, and the server omits the
 * body; OPTIONS gets the methods of the path. Errors look as on Salesforce's REST endpoints.
 */
export function answer<Answer extends AnyAnswer>(
  routes: readonly Route<Answer>[],
  request: HttpRequest,
): Answer | HttpAnswer {
  const onPath = routes.flatMap((route) => {
    const segments = segmentsOf(route.path, request.path);
    return segments === undefined ? [] : [{ route, segments }];
  });
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = onPath.find(({ route }) => route.method === method);
  if (found !== undefined) return found.route.handle(request, found.segments);
  if (onPath.length === 0) return restError(404, 'NOT_FOUND', 'The requested resource does not exist');
  const allowed = [...new Set(onPath.map(({ route }) => route.method))].join(', ');
  if (method === 'OPTIONS') return { type: 'text', status: 200, body: '', headers: { allow: allowed } };
  const message = `HTTP Method '${request.method}' not allowed. Allowed are ${allowed}`;
  return { ...restError(405, 'METHOD_NOT_ALLOWED', message), headers: { allow: allowed } };
}

/** The segments in place of the asterisks; `undefined` when the route is not for this path. */
function segmentsOf(path: string, requested: string): string[] | undefined {
  const wanted = path.split('/');
  const given = requested.replace(/(?<=[^/])\/$/, '').split('/');
  if (given.length !== wanted.length) return undefined;
  const fits = wanted.every((segment, index) => (segment === '*' ? given[index] !== '' : segment === given[index]));
  return fits ? given.filter((_, index) => wanted[index] === '*').map(decoded) : undefined;
}

/** The decoded segment; unchanged where it is not a valid encoding. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** An error as on Salesforce's REST endpoints. */
export function restError(status: number, errorCode: string, message: string): HttpAnswer {
  return { type: 'json', status, body: [{ errorCode, message }] };
}
