/** Scale-out: the partitions of an event log that this member reads. */
import { count, duration, html, Table } from '/kit.js';

const MEMBERS = [
  { head: 'Topic', isHead: true, cell: ({ topic }) => topic },
  { head: 'Members', kind: 'number', cell: ({ members }) => count(members) },
  {
    head: 'Partitions here',
    kind: 'number',
    cell: ({ partitions, of }) => `${count(partitions.length)} of ${count(of)}`,
  },
  { head: 'Which', kind: 'wide', cell: ({ partitions }) => partitions.join(', ') },
  { head: 'Handovers', kind: 'number', cell: ({ handovers }) => count(handovers) },
  { head: 'Last', kind: 'number', cell: ({ at, now }) => `${duration(now - at)} ago` },
];

const PARTITIONS = [
  { head: 'Partition', isHead: true, cell: ({ topic }) => topic },
  { head: 'State', cell: ({ state }) => html`<span class="state ${state}"><i aria-hidden="true"></i>${state}</span>` },
  { head: 'Lease', cell: ({ role }) => role ?? '–' },
  { head: 'Received/s', kind: 'number', cell: ({ receivedPerSecond }) => count(receivedPerSecond) },
  { head: 'Lag', kind: 'number', cell: ({ lagMs }) => (lagMs === null ? '–' : lagMs === 0 ? '0' : duration(lagMs)) },
];

export function ScaleOut({ reading }) {
  const members = reading.assignments.map((each) => ({ ...each, now: reading.at }));
  const partitions = reading.subscriptions
    .filter(({ topic }) => topic.includes('#'))
    .sort((one, other) => one.topic.localeCompare(other.topic, 'en', { numeric: true }));
  return html`
    <${Table} caption="Topics of the log" columns=${MEMBERS} rows=${members} keyOf=${({ key }) => key} />
    <h2>Partitions of this member</h2>
    <${Table} caption="Partitions of this member" columns=${PARTITIONS} rows=${partitions} keyOf=${({ key }) => key} />
  `;
}
