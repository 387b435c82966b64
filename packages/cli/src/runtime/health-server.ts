import { readinessOf, type ClientState, type SubscriptionState } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import type { PrometheusMetrics } from '@rxforce/core/telemetry';
import { inSettings } from '../config/setting-words.js';
import { servePage, type PageAnswer, type PageRoute, type PageServer } from '@rxforce/live-page/page';

/** What the probes are answered from. */
export interface Health {
  readonly state: () => ClientState;
  /** Whether what the configuration names is open: storage, sinks and pipelines. Sinks may be away. */
  readonly isOpen: () => boolean;
  /** Topics that are not subscribed to yet, as their conditions are checked first. */
  readonly unsubscribed: () => readonly string[];
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
function probes(health: Health): readonly PageRoute[] {
  const { state, sinks, metrics } = health;
  const starting = startOf(health);
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
    open('/startupz', () => probe(starting())),
    open('/metrics', async () => {
      return { type: 'text', contentType: metrics.contentType, body: await metrics.text() };
    }),
  ];
}

/**
 * Why the start is not over. Once it is, that stays so. A start is what this process needs before it can read, and not
 * where events go: to start it anew would bring no sink back.
 */
function startOf({ state, isOpen, needsLogin, unsubscribed }: Health): () => readonly string[] {
  let isOver = false;
  const reasons = () => {
    if (!isOpen()) return ['It starts.'];
    const { login, subscriptions } = state();
    if (needsLogin && login?.ok !== true) {
      return [`Nobody has logged in yet${login?.cause ? `: ${inSettings(login.cause.message)}` : '.'}`];
    }
    return [
      ...unsubscribed().map((topic) => `${topic} is not subscribed to yet.`),
      ...subscriptions.filter(looksForItsStart).map(({ topic }) => `${topic} has not read its position yet.`),
    ];
  };
  return () => {
    const left = isOver ? [] : reasons();
    isOver = left.length === 0;
    return left;
  };
}

/** Whether a subscription does not know yet where to begin. On standby, it need not know. */
function looksForItsStart({ state, start }: SubscriptionState): boolean {
  return start === undefined && (state === 'connecting' || state === 'waiting');
}

function probe(reasons: readonly string[], more: Readonly<Record<string, readonly string[]>> = {}): PageAnswer {
  const ok = reasons.length === 0;
  return { type: 'json', status: ok ? 200 : 503, body: { ok, reasons, ...more } };
}
