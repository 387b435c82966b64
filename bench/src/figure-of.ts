import type { ClientName } from './clients.js';
import { median } from './median.js';
import type { ClientResult } from './processes/messages.js';
import type { Figure } from './scenarios.js';

/**
 * A client's figure: the median of its runs. Beside another client, runs are compared in pairs, one after the other, so
 * that what else the machine did changes both. `undefined` where a run was not made.
 */
export function figureOf(
  { measurement, beside }: Figure,
  client: ClientName,
  results: ReadonlyMap<ClientName, readonly ClientResult[]>,
): number | undefined {
  const runs = results.get(client) ?? [];
  const others = beside && (results.get(beside.client) ?? []);
  const values = runs.flatMap((run, index) => {
    const value = run[measurement];
    if (value === undefined || !others) return value ?? [];
    const other = others[index]?.[measurement];
    if (other === undefined) return [];
    return beside.as === 'ratio' ? value / other : value - other;
  });
  return values.length > 0 ? median(values) : undefined;
}
