import { CLIENTS, type ClientName } from '../clients.js';
import type { BenchFigures, ClientFigures, MemoryFigures, ScenarioFigures, TargetFigures } from './figures.js';

/** The figures as text, for people. */
export function textOf({ node, processor, processors, runs, scenarios, memory }: BenchFigures): string {
  return [
    `Node ${node} on ${processors} x ${processor}; median of ${runs} runs, memory of one`,
    ...scenarios.map(scenarioText),
    ...(memory ? [memoryText(memory)] : []),
  ].join('\n\n');
}

function scenarioText({ name, title, clients, targets }: ScenarioFigures): string {
  const rows = clients.map((figures) => [
    CLIENTS[figures.client],
    Math.round(figures.eventsPerSecond).toLocaleString('en'),
    ratioText(figures, 'other', clients),
    ratioText(figures, 'hand-written', clients),
    figures.cpuMicrosPerEvent.toFixed(1),
    figures.peakRssMb.toFixed(0),
  ]);
  const head = ['', 'events/s', 'x other', 'x hand-written', 'CPU µs/event', 'peak RSS MB'];
  return [`${name}: ${title}`, ...tableText([head, ...rows]), ...targets.map(targetText)].join('\n');
}

function memoryText({ name, title, idle, full, targets }: MemoryFigures): string {
  const rows = [
    ['each grew by', 'RSS MB', 'heap MB'],
    ['idle', idle.rssMb.toFixed(2), idle.heapMb.toFixed(2)],
    ['with a full window', full.rssMb.toFixed(2), full.heapMb.toFixed(2)],
  ];
  return [`${name}: ${title}`, ...tableText(rows), ...targets.map(targetText)].join('\n');
}

function ratioText({ eventsPerSecond }: ClientFigures, to: ClientName, clients: readonly ClientFigures[]): string {
  const other = clients.find(({ client }) => client === to);
  return other ? (eventsPerSecond / other.eventsPerSecond).toFixed(2) : '';
}

function targetText({ what, value, target, met }: TargetFigures): string {
  return `  ${what}: ${value.toFixed(2)}, wanted ${target}: ${met ? 'met' : 'not met'}`;
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
