import { CLIENTS } from '../clients.js';
import type { Measurement } from '../processes/messages.js';
import type { Figure } from '../scenarios.js';
import type { BenchFigures, ScenarioFigures, TargetFigures } from './figures.js';

/** How measurements are called, and how many of their decimals mean something. */
const MEASUREMENTS: Readonly<Record<Measurement, { readonly title: string; readonly decimals: number }>> = {
  cpuMicros: { title: 'CPU µs/event', decimals: 2 },
  eventsPerSecond: { title: 'events/s', decimals: 0 },
  rssMb: { title: 'RSS MB', decimals: 0 },
  startCpuMs: { title: 'CPU ms', decimals: 0 },
  startWallMs: { title: 'ms', decimals: 0 },
  p50Ms: { title: 'p50 ms', decimals: 3 },
  p99Ms: { title: 'p99 ms', decimals: 3 },
  heapKb: { title: 'heap KB each', decimals: 0 },
};

/** The figures as text, for people. */
export function textOf({ node, processor, processors, quick, runs, scenarios }: BenchFigures): string {
  const how = quick ? 'a quick look' : `medians of ${runs} runs`;
  return [`Node ${node} on ${processors} x ${processor}; ${how}`, ...scenarios.map(scenarioText)].join('\n\n');
}

function scenarioText({ name, title, clients, targets }: ScenarioFigures): string {
  const rows = clients.map(({ client, shown }) => [CLIENTS[client].label, ...shown.map((figure) => valueText(figure))]);
  const head = ['', ...(clients[0]?.shown ?? []).map(titleOf)];
  return [`${name}: ${title}`, ...tableText([head, ...rows]), ...targets.map(targetText)].join('\n');
}

function titleOf({ measurement, beside }: Figure): string {
  const { title } = MEASUREMENTS[measurement];
  if (!beside) return title;
  return beside.as === 'ratio' ? `${title} x ${beside.client}` : `over ${beside.client}`;
}

function valueText({ measurement, beside, value }: Figure & { readonly value: number | null }): string {
  if (value === null) return '';
  const digits = beside ? 2 : MEASUREMENTS[measurement].decimals;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function targetText(target: TargetFigures): string {
  const { client, bound, wanted, met } = target;
  const verdict = met ? 'met' : 'NOT MET';
  return `  ${client}, ${titleOf(target)}: ${valueText(target)}, wanted ${bound} ${wanted}: ${verdict}`;
}

/** Columns of equal width: the first to the left, numbers to the right. */
function tableText(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .replace(/^/, '  '),
  );
}
