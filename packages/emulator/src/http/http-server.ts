import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerCertificate } from '../certificate.js';
import { portError } from '../port-error.js';
import { answer, type HttpAnswer, type HttpRequest, restError, type Route } from './route.js';

/** Longest request body that is taken, in bytes. */
const MAX_BODY_BYTES = 50 * 1024 * 1024;
/** What the paths of requests are relative to. */
const BASE_URL = 'http://localhost';
const BAD_REQUEST: HttpAnswer = { type: 'text', status: 400, body: 'Bad Request' };

/** The emulator's HTTP server. It listens first; what it answers is decided once its address is known. */
export class HttpServer {
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #now: () => number;
  #routes: readonly Route[] = [];

  /**
   * @param certificate - For TLS; without one it speaks plaintext.
   * @param now - The time that answers are dated by, in milliseconds since 1970.
   */
  constructor(certificate: ServerCertificate | undefined, now: () => number) {
    this.#now = now;
    const listener: RequestListener = (request, response) => void this.#serve(request, response);
    this.#scheme = certificate === undefined ? 'http' : 'https';
    this.#server =
      certificate === undefined
        ? createServer(listener)
        : createTlsServer({ key: certificate.privateKey, cert: certificate.certificate }, listener);
  }

  /** Listens on this port of this machine, or on a free one for 0, and gives the server's address. */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const server = this.#server;
      server.once('error', (error) => reject(portError('HTTP', port, error)));
      server.listen(port, 'localhost', () => {
        server.removeAllListeners('error');
        const { port: actual } = server.address() as AddressInfo;
        resolve(`${this.#scheme}://localhost:${actual}`);
      });
    });
  }

  /** Answers by these routes from now on. */
  route(routes: readonly Route[]): void {
    this.#routes = routes;
  }

  /** Closes all connections and frees the port. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, body: string | null): HttpAnswer | Promise<HttpAnswer> {
    if (body === null) {
      return restError(413, 'REQUEST_TOO_LARGE', `The body of a request is at most ${MAX_BODY_BYTES} bytes long.`);
    }
    const read = readRequest(request, body);
    return read === undefined ? BAD_REQUEST : answer(this.#routes, read);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('date', new Date(this.#now()).toUTCString());
    const body = await readBody(request).catch(() => undefined);
    if (body === undefined) {
      request.destroy();
      return;
    }
    try {
      send(response, await this.#answer(request, body));
    } catch (error) {
      send(response, { type: 'json', status: 500, body: [{ errorCode: 'UNKNOWN_EXCEPTION', message: String(error) }] });
    }
  }
}

/** `undefined` when the request's target is no URL, such as `//`. */
function readRequest({ url = '/', method = 'GET', headers }: IncomingMessage, body: string): HttpRequest | undefined {
  if (!URL.canParse(url, BASE_URL)) {
    return undefined;
  }
  const { pathname: path, searchParams: query } = new URL(url, BASE_URL);
  return { method, path, query, headers, body };
}

/** Reads a body to its end, so that the client hears the answer; one that is too long is not kept, and `null` stands for it. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) {
      chunks.push(chunk);
    }
  }
  return size > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { type, status, body, headers }: HttpAnswer): void {
  const contentType = type === 'json' ? 'application/json;charset=UTF-8' : 'text/plain;charset=UTF-8';
  response.writeHead(status, { 'content-type': contentType, ...headers });
  response.end(type === 'json' ? JSON.stringify(body) : body);
}
