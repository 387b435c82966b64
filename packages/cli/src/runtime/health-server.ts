import { readinessOf, type ClientState } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import type { PrometheusMetrics } from '@rxforce/core/telemetry';
import { inSettings } from '../config/setting-words.js';
import { servePage, type PageAnswer, type PageRoute, type PageServer } from '@rxforce/live-page/page';

/** What the probes are answered from. */
export interface Health {
  readonly state: () => ClientState;
  /** Why it has not started: sinks are not open, or could not be written to so far. */
  readonly problems: () => Promise<readonly string[]>;
  /** Sinks that take nothing for a while. */
  readonly sinks: () => readonly string[];
  /** Whether nothing can be read before somebody has logged in. */
  readonly needsLogin: boolean;
  readonly metrics: Pick<PrometheusMetrics, 'contentType' | 'text'>;
}

/** Where to serve, and what of the live page. */
export interface HealthServerOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  /** The routes of the live page; none where it is not served. */
  readonly page: readonly PageRoute[];
}

/**
 * Serves `/livez`, `/readyz`, `/startupz` and `/metrics` to everybody, and the live page beside them.
 *
 * @throws rejects with a `ConfigurationError` when the port cannot be had.
 */
export async function serveHealth(options: HealthServerOptions, health: Health): Promise<PageServer> {
  const { host, port, token, page } = options;
  const routes = [...probes(health), ...page];
  try {
    return await servePage({ host, port, routes, ...(token !== undefined && { token }) });
  } catch (cause) {
    throw new ConfigurationError(`http: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Probes come from other machines, by other names, and know no token. */
function probes({ state, problems, sinks, needsLogin, metrics }: Health): readonly PageRoute[] {
  const open = (path: string, handle: PageRoute['handle']): PageRoute => {
    return { method: 'GET', path, access: 'open', handle };
  };
  return [
    open('/livez', () =>
      probe(
        state()
          .subscriptions.filter((each) => each.state === 'failed')
          .map(({ topic }) => `${topic} has failed.`),
      ),
    ),
    // Nobody sends requests to this process, so to call it not ready would help no sink. It would hold up a rollout,
    // which may be what mends it.
    open('/readyz', () => probe(readinessOf(state()).reasons.map(inSettings), { sinks: sinks() })),
    open('/startupz', async () => {
      const login = !needsLogin || state().login?.ok === true ? [] : ['Nobody has logged in yet.'];
      return probe([...(await problems()), ...login]);
    }),
    open('/metrics', async () => {
      return { type: 'text', contentType: metrics.contentType, body: await metrics.text() };
    }),
  ];
}

function probe(reasons: readonly string[], more: Readonly<Record<string, readonly string[]>> = {}): PageAnswer {
  const ok = reasons.length === 0;
  return { type: 'json', status: ok ? 200 : 503, body: { ok, reasons, ...more } };
}
