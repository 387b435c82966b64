/** Snapshots: how far records are read before their changes. */
import { Bar, count, duration, html, Table } from '/kit.js';

const COLUMNS = [
  { head: 'Object', isHead: true, cell: ({ entity, topic }) => html`${entity}<small>${topic}</small>` },
  { head: 'Phase', cell: ({ phase }) => html`<span class="state ${phase}"><i aria-hidden="true"></i>${phase}</span>` },
  {
    head: 'Rows',
    kind: 'number big',
    cell: ({ rows, of }) => (of === null ? count(rows) : `${count(rows)} of ~${count(of)}`),
  },
  { head: 'Read', cell: (row) => html`<${Progress} ...${row} />` },
  { head: 'Rows/s', kind: 'number big', cell: ({ rowsPerSecond }) => count(rowsPerSecond) },
  {
    head: 'For',
    kind: 'number big',
    cell: ({ since, at, phase, now }) => duration((phase === 'reading' ? now : at) - since),
  },
  { head: 'Remaining', kind: 'number big', cell: remaining },
];

export function Snapshots({ reading }) {
  const rows = reading.snapshots.map((each) => ({ ...each, now: reading.at }));
  if (rows.length === 0) {
    return html`<p class="empty">No records are read. Subscriptions with a snapshot show here how far they are.</p>`;
  }
  return html`<${Table} caption="Readings of records" columns=${COLUMNS} rows=${rows} keyOf=${({ key }) => key} />`;
}

function Progress({ rows, of, phase }) {
  const share = phase === 'done' ? 1 : of === null || of === 0 ? 0 : Math.min(1, rows / of);
  const label = `${Math.round(share * 100)} % are read`;
  return html`<${Bar} parts=${[{ kind: 'uncommitted', value: share }]} size=${1} label=${label} />`;
}

function remaining({ rows, of, rowsPerSecond, phase }) {
  if (phase !== 'reading' || of === null || rowsPerSecond === 0) return '–';
  return `~${duration((Math.max(0, of - rows) / rowsPerSecond) * 1_000)}`;
}
