import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A request that came. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** When it came, in milliseconds of a clock that never goes back. */
  readonly at: number;
}

/** How the server answers a request. */
export type Answer = (response: ServerResponse) => void;

/** An answer with a status and headers. */
export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end('{}');

/** Ends the connection in the middle of the headers. */
export const halfAnAnswer: Answer = (response) => {
  response.socket?.write('HTTP/1.1 200 OK\r\ncontent-le', () => response.socket?.destroy());
};

/** Says 200, and ends the connection in the middle of the body. */
export const halfABody: Answer = (response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{', () => response.socket?.destroy());
};

/** Never answers. */
export const silence: Answer = () => undefined;

/** A server that gets webhooks, and answers as it was told: by default, each answer once, and then 200. */
export class WebhookServer {
  readonly received: Received[] = [];
  private readonly changed = new EventEmitter();
  private answerOf = (_request: Received): Answer => this.answers.shift() ?? status(200);

  private constructor(
    private readonly server: Server,
    private answers: Answer[],
  ) {}

  static start(...answers: Answer[]): Promise<WebhookServer> {
    return WebhookServer.startAt(0, ...answers);
  }

  /** Starts it at a port: that of one that has stopped. */
  static async startAt(port: number, ...answers: Answer[]): Promise<WebhookServer> {
    const server = createServer();
    const webhooks = new WebhookServer(server, answers);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const received = { headers: request.headers, body, at: performance.now() };
        webhooks.received.push(received);
        webhooks.answerOf(received)(response);
        webhooks.changed.emit('change');
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return webhooks;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks?token=in-the-url`;
  }

  /** Tells how the next requests are answered. */
  answer(...answers: Answer[]): void {
    this.answers = answers;
  }

  /** Tells how each request is answered from now on. */
  answerBy(answerOf: (request: Received) => Answer): void {
    this.answerOf = answerOf;
  }

  async until(count: number): Promise<void> {
    while (this.received.length < count) await once(this.changed, 'change');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
