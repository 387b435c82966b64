import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An attribute of OTLP, in JSON. */
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface Resource {
  readonly resource: { readonly attributes: readonly Attribute[] };
}

/** What a message of metrics or of traces has, as far as tests look. */
interface Message {
  readonly resourceMetrics?: readonly (Resource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  })[];
  readonly resourceSpans?: readonly (Resource & {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[];
  })[];
}

/** A collector of OpenTelemetry: it takes what comes by OTLP over HTTP, in JSON. */
export class OtlpReceiver {
  readonly headers: IncomingHttpHeaders[] = [];
  private readonly messages: Message[] = [];
  private readonly changed = new EventEmitter();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const isKnown = request.url === '/v1/metrics' || request.url === '/v1/traces';
        response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
        receiver.headers.push(request.headers);
        if (isKnown) receiver.messages.push(JSON.parse(Buffer.concat(chunks).toString()) as Message);
        receiver.changed.emit('change');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The names of all metrics that came. */
  get metrics(): ReadonlySet<string> {
    const all = this.messages.flatMap(({ resourceMetrics = [] }) => resourceMetrics);
    return new Set(
      all.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics.map((each) => each.name))),
    );
  }

  /** The names of all spans that came. */
  get spans(): readonly string[] {
    const all = this.messages.flatMap(({ resourceSpans = [] }) => resourceSpans);
    return all.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)));
  }

  /** The services that metrics and spans are of. */
  get services(): ReadonlySet<string | undefined> {
    const all = this.messages.flatMap(({ resourceMetrics = [], resourceSpans = [] }) => [
      ...resourceMetrics,
      ...resourceSpans,
    ]);
    return new Set(
      all.map(({ resource }) => resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue),
    );
  }

  async until(isThere: (receiver: OtlpReceiver) => boolean): Promise<void> {
    while (!isThere(this)) await once(this.changed, 'change');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
