import type { ClientState, DrainReport, LogClient, PubSubClient } from '@rxforce/core';

/** A client whose streams a process reads. */
export type StreamClient = PubSubClient | LogClient;

/** Drains several clients at the same time, and sums up what came of it. */
export async function drainAll(clients: readonly StreamClient[], timeoutMs: number): Promise<DrainReport> {
  const reports = await Promise.all(clients.map((client) => client.drain({ timeoutMs })));
  const sum = (count: (report: DrainReport) => number) => reports.reduce((total, report) => total + count(report), 0);
  return {
    settled: sum(({ settled }) => settled),
    unsettled: sum(({ unsettled }) => unsettled),
    uncommitted: sum(({ uncommitted }) => uncommitted),
    subscriptions: reports.flatMap(({ subscriptions }) => subscriptions),
  };
}

/** Several clients as one, for probes: nobody counts as logged in before all are, and one that is closed is missing. */
export function stateOfAll(clients: readonly StreamClient[]): ClientState {
  const states = clients.map((client) => client.state());
  const [first, ...others] = states;
  if (!first) throw new Error('There is no client.');
  const notIn = states.find(({ login }) => login?.ok !== true);
  return {
    ...first,
    state: states.find(({ state }) => state !== 'open')?.state ?? 'open',
    login: notIn ? notIn.login : first.login,
    subscriptions: [first, ...others].flatMap(({ subscriptions }) => subscriptions),
  };
}
