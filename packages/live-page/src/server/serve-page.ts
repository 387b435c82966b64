import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '@rxforce/core/model';
import { FeedWriter } from './feed-writer.js';
import { isLoopback, login, refusalOf, SAFE_HEADERS } from './guard.js';
import { problem, routesAt, type PageAnswer, type PageRequest, type PageRoute } from './route.js';

/** How pages are served. */
export interface PageServerOptions {
  /** The table of what is served. The first route that fits is taken. */
  readonly routes: readonly PageRoute[];
  /**
   * The port, up to 65,535; 0 takes a free one.
   *
   * @defaultValue 0
   */
  readonly port?: number;
  /**
   * The address to listen on. Other addresses than those of this machine need a `token`, unless all routes are open.
   *
   * @defaultValue `'127.0.0.1'`
   */
  readonly host?: string;
  /**
   * The password of the page, of at least 16 characters. A browser opens `/login?token=…` once, and a program sends it
   * as a bearer token.
   *
   * @defaultValue none: only names of this machine are served
   */
  readonly token?: string;
}

/** A server of pages. */
export interface PageServer {
  /** Its address: `http://127.0.0.1:8081`. */
  readonly url: string;
  /** Closes all connections, and frees the port. */
  close(): Promise<void>;
}

const MOST_BODY_BYTES = 64 * 1024;
const LEAST_TOKEN = 16;

/**
 * Serves pages over HTTP, to this machine only unless there is a token. A request that changes something (POST) needs
 * the header `x-rxforce: 1` and the origin of the server itself.
 *
 * @throws rejects with a `ConfigurationError` when the port cannot be had, or an option cannot be right.
 */
export async function servePage(options: PageServerOptions): Promise<PageServer> {
  const { host = '127.0.0.1', port = 0 } = options;
  checkToken(options, host);
  const server = createServer((request, response) => {
    serve(request, response, options).catch(() => response.destroy());
  });
  await listening(server, host, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function checkToken({ token, routes }: PageServerOptions, host: string): void {
  if (token !== undefined && token.length < LEAST_TOKEN) {
    throw new ConfigurationError(`The token of the page must have ${LEAST_TOKEN} characters at least.`);
  }
  if (token !== undefined || isLoopback(host) || routes.every(({ access }) => access === 'open')) return;
  throw new ConfigurationError(
    `The page is served on ${host} only with a token: everybody who reaches that address could look. Give it a ` +
      'token, or serve it on 127.0.0.1.',
  );
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) =>
      reject(new ConfigurationError(`Port ${port} of ${host} cannot be had (${code}). Name another one.`)),
    );
    server.listen(port, host, () => resolve());
  });
}

async function serve(incoming: IncomingMessage, response: ServerResponse, options: PageServerOptions): Promise<void> {
  const request = await requestOf(incoming);
  const answer = await answerTo(request, options).catch(() => problem(500, 'It failed, and nobody knows why.'));
  const isHead = incoming.method === 'HEAD';
  if (answer.type === 'feed') return feed(response, answer, isHead);
  const isJson = answer.type === 'json';
  const contentType = isJson ? 'application/json' : answer.contentType;
  const body = isJson ? JSON.stringify(answer.body) : answer.body;
  response.writeHead(answer.status ?? 200, {
    ...{ ...SAFE_HEADERS, 'content-type': contentType, 'content-length': Buffer.byteLength(body) },
    ...answer.headers,
  });
  response.end(isHead ? undefined : body);
}

async function answerTo(request: PageRequest | undefined, options: PageServerOptions): Promise<PageAnswer> {
  if (request === undefined) return problem(400, 'The request cannot be read, or its body is too long.');
  const { token, routes } = options;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (token !== undefined && request.path === '/login') {
    return method === 'GET' ? login(request, token) : notFor(request, ['GET']);
  }
  const onPath = routesAt(routes, request.path);
  const found = onPath.find(({ route }) => route.method === method);
  const refusal = found?.route.access === 'open' ? undefined : refusalOf(request, token);
  if (refusal !== undefined) return refusal;
  if (found) return found.route.handle(request, found.segments);
  if (onPath.length === 0) return problem(404, 'There is no such page.');
  return notFor(
    request,
    onPath.map(({ route }) => route.method),
  );
}

/** The answer to a method that a path does not have. Where it has GET, it has HEAD. */
function notFor({ method }: PageRequest, methods: readonly PageRoute['method'][]): PageAnswer {
  const allow = [...new Set(methods.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each])))].join(', ');
  return problem(405, `${method} is not for this path, but ${allow}.`, { allow });
}

async function requestOf(incoming: IncomingMessage): Promise<PageRequest | undefined> {
  const { url = '/', method = 'GET', headers } = incoming;
  const body = await bodyOf(incoming);
  const base = 'http://localhost';
  if (body === undefined || !/^\/(?!\/)/.test(url) || !URL.canParse(url, base)) return undefined;
  const { pathname: path, searchParams: query } = new URL(url, base);
  return { method, path, query, headers, body };
}

/** The body, read to its end. `undefined` when it is too long to keep. */
async function bodyOf(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  return size > MOST_BODY_BYTES ? undefined : Buffer.concat(chunks).toString();
}

function feed(
  response: ServerResponse,
  { everyMs, open }: Extract<PageAnswer, { readonly type: 'feed' }>,
  isHead: boolean,
): void {
  // Somebody who has left already is heard of no more: his feed would never be closed.
  if (response.destroyed) return;
  // Before anything is sent: where it throws, there is no answer.
  const opened = isHead ? undefined : open();
  response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  if (opened === undefined) {
    response.end();
    return;
  }
  const writer = new FeedWriter(response, opened);
  const turn = () => {
    try {
      writer.tick();
    } catch {
      // The browser connects again by itself.
      response.destroy();
    }
  };
  const timer = setInterval(turn, everyMs);
  response.once('close', () => {
    clearInterval(timer);
    opened.close?.();
  });
  turn();
}
