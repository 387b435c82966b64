import type { LogClient } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import type { MeasuredQueues, PrometheusMetrics } from '@rxforce/core/telemetry';
import type { OpenOrg } from './open-org.js';
import type { StreamClient } from './open-orgs.js';

/** A client with the name of its org, where it has one. */
export interface NamedClient {
  readonly client: StreamClient;
  readonly of: { readonly org?: string };
}

/** At least one client. */
export type NamedClients = readonly [NamedClient, ...NamedClient[]];

/**
 * The clients to measure, with the names of their orgs.
 *
 * @param worker - The client of the log that is read in place of orgs.
 * @throws `ConfigurationError` when there is none.
 */
export function namedClients(
  orgs: ReadonlyMap<string | undefined, Pick<OpenOrg, 'client'>>,
  worker: LogClient | undefined,
): NamedClients {
  const ofOrgs = [...orgs].map(([name, { client }]) => ({ client, of: name === undefined ? {} : { org: name } }));
  const all: readonly NamedClient[] = worker ? [{ client: worker, of: {} }] : ofOrgs;
  const [first, ...others] = all;
  if (!first) throw new ConfigurationError('The configuration has no topic to read.');
  return [first, ...others];
}

/** Metrics for Prometheus of all clients, and of queues. */
export async function metricsOf([first, ...others]: NamedClients, queues: MeasuredQueues): Promise<PrometheusMetrics> {
  const { prometheusMetrics } = await import('@rxforce/core/telemetry');
  const metrics = prometheusMetrics(first.client, { queues, ...first.of });
  others.forEach(({ client, of }) => metrics.observe(client, of));
  return metrics;
}
