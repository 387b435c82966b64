import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerCertificate } from '../net/certificate.js';
import { portError } from '../net/port-error.js';
import { acceptsGzip, compressed } from './compression.js';
import { longHeadAnswer } from './long-head.js';
import { readRequest } from './read-request.js';
import { readBody } from './request-body.js';
import { answer, type HttpAnswer, type Route } from './route.js';

/** Longest head of a request that gets this server's own answer, in bytes; the parser refuses longer ones. */
const MAX_HEAD_BYTES = 1024 * 1024;

const BAD_REQUEST: HttpAnswer = { type: 'text', status: 400, body: 'Bad Request' };

/** The emulator's HTTP server. It listens first; its routes are set when its address is known. */
export class HttpServer {
  private readonly server: Server;
  private readonly scheme: 'http' | 'https';
  private routes: readonly Route[] = [];

  /**
   * @param certificate - For TLS; without one it speaks plaintext.
   * @param now - The time for the dates of answers, in milliseconds since 1970.
   */
  constructor(
    certificate: ServerCertificate | undefined,
    private readonly now: () => number,
  ) {
    const listener: RequestListener = (request, response) => {
      this.serve(request, response).catch(() => response.destroy());
    };
    this.scheme = certificate === undefined ? 'http' : 'https';
    this.server =
      certificate === undefined
        ? createServer({ maxHeaderSize: MAX_HEAD_BYTES }, listener)
        : createTlsServer(
            { key: certificate.privateKey, cert: certificate.certificate, maxHeaderSize: MAX_HEAD_BYTES },
            listener,
          );
  }

  /** Listens on this port of this machine, or on a free one for 0, and resolves with the server's address. */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const server = this.server;
      server.once('error', (error) => reject(portError('HTTP', port, error)));
      server.listen(port, 'localhost', () => {
        server.removeAllListeners('error');
        const { port: actual } = server.address() as AddressInfo;
        resolve(`${this.scheme}://localhost:${actual}`);
      });
    });
  }

  /** Answers by these routes from now on. */
  route(routes: readonly Route[]): void {
    this.routes = routes;
  }

  /** Closes all connections and frees the port. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private answer(request: IncomingMessage, body: string | HttpAnswer): HttpAnswer | Promise<HttpAnswer> {
    const tooLong = longHeadAnswer(request);
    if (tooLong !== undefined) return tooLong;
    if (typeof body !== 'string') return body;
    const read = readRequest(request, body);
    return read === undefined ? BAD_REQUEST : answer(this.routes, read);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('date', new Date(this.now()).toUTCString());
    const body = await readBody(request).catch(() => undefined);
    if (body === undefined) {
      request.destroy();
      return;
    }
    try {
      await send(request, response, await this.answer(request, body));
    } catch (error) {
      const problem = [{ errorCode: 'UNKNOWN_EXCEPTION', message: String(error) }];
      await send(request, response, { type: 'json', status: 500, body: problem });
    }
  }
}

async function send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): Promise<void> {
  const { type, status, body, headers } = answer;
  const contentType = type === 'json' ? 'application/json;charset=UTF-8' : 'text/plain;charset=UTF-8';
  // The text is made before anything is sent, so a body that cannot be serialized still gets an answer.
  const text = type === 'json' ? JSON.stringify(body) : body;
  const isCompressed = type === 'text' && answer.compress === true && acceptsGzip(request);
  const bytes = isCompressed ? await compressed(text) : text;
  const encoding = isCompressed && { 'content-encoding': 'gzip' };
  response.writeHead(status, { 'content-type': contentType, ...headers, ...encoding });
  response.end(bytes);
}
