import { first, interval } from 'rxjs';
import type { ClientState, DrainReport, LogClient, PubSubClient } from '@rxforce/core';

/** A client whose streams a process reads. */
export type StreamClient = PubSubClient | LogClient;

/** How often a drain looks whether waiting can gain anything, in milliseconds. */
const LOOK_MS = 100;

/**
 * Drains several clients at the same time, and sums up what came of it.
 *
 * @param isInVain - Whether no event that is left can be settled before the time is over: then the drain is over, too.
 * Asked once all that are settled are committed.
 */
export async function drainAll(
  clients: readonly StreamClient[],
  timeoutMs: number,
  isInVain: () => boolean = () => false,
): Promise<DrainReport> {
  const drained = Promise.all(clients.map((client) => client.drain({ timeoutMs })));
  const looking = interval(LOOK_MS)
    .pipe(first(() => isCommitted(stateOfAll(clients)) && isInVain()))
    .subscribe(() => clients.forEach((client) => client.close()));
  const reports = await drained.finally(() => looking.unsubscribe());
  const sum = (count: (report: DrainReport) => number) => reports.reduce((total, report) => total + count(report), 0);
  return {
    settled: sum(({ settled }) => settled),
    unsettled: sum(({ unsettled }) => unsettled),
    uncommitted: sum(({ uncommitted }) => uncommitted),
    subscriptions: reports.flatMap(({ subscriptions }) => subscriptions),
  };
}

/** Whether what is settled is committed, as far as events before it allow that. */
function isCommitted({ subscriptions }: ClientState): boolean {
  return subscriptions.every(({ window }) => window === undefined || window.uncommitted === 0);
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
