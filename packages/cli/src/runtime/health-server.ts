import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readinessOf, type ClientState } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import type { PrometheusMetrics } from '@rxforce/core/telemetry';

/** What the probes are answered from. */
export interface Health {
  readonly state: () => ClientState;
  /** Whether the sinks are open and all topics are subscribed to. */
  readonly isStarted: () => boolean;
  /** Whether nothing can be read before somebody has logged in. */
  readonly needsLogin: boolean;
  readonly metrics: Pick<PrometheusMetrics, 'contentType' | 'text'>;
}

/** A server that answers probes. */
export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/**
 * Serves `/livez`, `/readyz`, `/startupz` and `/metrics`.
 *
 * @throws rejects with a `ConfigurationError` when the port cannot be had.
 */
export async function serveHealth(
  { host, port }: { readonly host: string; readonly port: number },
  health: Health,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    void answerTo(request.url ?? '/', health)
      .catch((): Answer => ({ status: 500, body: '{}' }))
      .then(({ status, type = 'application/json', body }) =>
        response
          .writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
          .end(request.method === 'HEAD' ? '' : body),
      );
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

async function answerTo(url: string, { state, isStarted, needsLogin, metrics }: Health): Promise<Answer> {
  switch (url.replace(/\?.*$/, '')) {
    case '/livez':
      return probe(
        state()
          .subscriptions.filter((each) => each.state === 'failed')
          .map(({ topic }) => `${topic} has failed.`),
      );
    case '/readyz':
      return probe(readinessOf(state()).reasons);
    case '/startupz': {
      const login = !needsLogin || state().login?.ok === true ? [] : ['Nobody has logged in yet.'];
      return probe(isStarted() ? login : ['It starts.', ...login]);
    }
    case '/metrics':
      return { status: 200, type: metrics.contentType, body: await metrics.text() };
    default:
      return { status: 404, body: JSON.stringify({ paths: ['/livez', '/readyz', '/startupz', '/metrics'] }) };
  }
}

function probe(reasons: readonly string[]): Answer {
  const ok = reasons.length === 0;
  return { status: ok ? 200 : 503, body: JSON.stringify({ ok, reasons }) };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) =>
      reject(new ConfigurationError(`http.port ${port} of ${host} cannot be had (${code}). Name another one.`)),
    );
    server.listen(port, host, () => resolve());
  });
}
