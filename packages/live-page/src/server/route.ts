import type { IncomingHttpHeaders } from 'node:http';

/** A request whose body is read. */
export interface PageRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body as text; empty where there is none. */
  readonly body: string;
}

/** What one who looks gets again and again, until he leaves. */
export interface Feed {
  /** The next thing, which is sent as JSON. `undefined`: there is nothing now. */
  next(): unknown;
  /** Nobody looks any more. */
  close?(): void;
}

/** An answer to a request. */
export type PageAnswer =
  | {
      readonly type: 'json';
      readonly status?: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'text';
      readonly status?: number;
      /** The value of `content-type`. */
      readonly contentType: string;
      readonly body: string | Uint8Array;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /**
   * Server-sent events: the next thing of a feed every `everyMs` milliseconds. A client that is slower is left out for
   * a turn. A HEAD gets the headers, and opens nothing.
   */
  | { readonly type: 'feed'; readonly everyMs: number; readonly open: () => Feed };

/** One row of a server's table. */
export interface PageRoute {
  readonly method: 'GET' | 'POST';
  /** Each segment that is `*` stands for any one segment. */
  readonly path: string;
  /**
   * `page`: only for the page itself and for programs that know the token, if there is one. `open`: for everybody who
   * reaches the server, such as probes.
   *
   * @defaultValue `'page'`
   */
  readonly access?: 'page' | 'open';
  /** @param segments - The segments in place of the asterisks, decoded, in order. */
  handle(request: PageRequest, segments: readonly string[]): PageAnswer | Promise<PageAnswer>;
}

/** A route that fits a request, with the segments in place of its asterisks. */
export interface Found {
  readonly route: PageRoute;
  readonly segments: readonly string[];
}

/** The routes of a path, whatever their methods are. */
export function routesAt(routes: readonly PageRoute[], path: string): readonly Found[] {
  return routes.flatMap((route) => {
    const segments = segmentsOf(route.path, path);
    return segments === undefined ? [] : [{ route, segments }];
  });
}

/** An answer that says what is wrong. */
export function problem(status: number, message: string, headers: Readonly<Record<string, string>> = {}): PageAnswer {
  return { type: 'json', status, body: { error: message }, headers };
}

/** The object in the body of a request; `undefined` where it is none. */
export function objectIn({ body }: Pick<PageRequest, 'body'>): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = body === '' ? {} : JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function segmentsOf(path: string, requested: string): readonly string[] | undefined {
  const wanted = path.split('/');
  const given = requested.split('/');
  if (given.length !== wanted.length) return undefined;
  const fits = wanted.every((segment, index) => (segment === '*' ? given[index] !== '' : segment === given[index]));
  return fits ? given.filter((_, index) => wanted[index] === '*').map(decoded) : undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
