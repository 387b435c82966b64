/** Snapshots: how far records are read before their changes. */
import { Bar, count, duration, html, Table } from '/kit.js';

const COLUMNS = [
  { head: 'Object', isHead: true, cell: (row) => html`<${Name} ...${row} />` },
  { head: 'Phase', cell: ({ phase }) => html`<span class="state ${phase}"><i aria-hidden="true"></i>${phase}</span>` },
  {
    head: 'Rows',
    kind: 'number big',
    cell: ({ rows, of }) => (of === null ? count(rows) : `${count(rows)} of ~${count(of)}`),
  },
  { head: 'Settled', kind: 'number big', cell: ({ settled }) => (settled === null ? '–' : count(settled)) },
  { head: 'Read', cell: (row) => html`<${Progress} ...${row} />` },
  { head: 'Rows/s', kind: 'number big', cell: ({ rowsPerSecond }) => count(rowsPerSecond) },
  {
    head: 'For',
    kind: 'number big',
    cell: ({ since, at, phase, now, rows: read }) =>
      phase === 'waiting' && read === 0 ? '–' : duration((phase === 'reading' ? now : at) - since),
  },
  { head: 'Remaining', kind: 'number big', cell: remaining },
  { head: 'After a restart', kind: 'wide', cell: (row) => html`<${Cursor} ...${row} />` },
];

export function Snapshots({ reading }) {
  const rows = reading.snapshots.map((each) => ({ ...each, now: reading.at }));
  if (rows.length === 0) {
    return html`<p class="empty">No records are read. Subscriptions with a snapshot show here how far they are.</p>`;
  }
  return html`<${Table} caption="Readings of records" columns=${COLUMNS} rows=${rows} keyOf=${({ key }) => key} />`;
}

function Name({ entity, topic, org, name }) {
  const more = [topic, org, name].filter((each) => each !== null).join(', ');
  return html`${entity}<small>${more}</small>`;
}

/** From where another process would read on. */
function Cursor({ cursor, phase }) {
  if (phase !== 'reading') return '–';
  if (cursor === null) return 'from the beginning';
  const { after, job, row } = placeIn(cursor);
  if (typeof after === 'string') return html`after <code>${after}</code>`;
  if (typeof job === 'string') return html`at row ${count(row)} of a part of the job <code>${job}</code>`;
  return html`<code>${cursor}</code>`;
}

function placeIn(cursor) {
  try {
    return Object(JSON.parse(cursor));
  } catch {
    return {};
  }
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
