/** Scale-out: who reads which partition of an event log, and how far it is behind. */
import { count, duration, html, Table, useJson } from '/kit.js';

/** Each partition is asked of the log by itself, so not for every reading. */
const ASK_EVERY_MS = 2_000;

const TOPICS = [
  { head: 'Topic', isHead: true, cell: (row) => html`<${Topic} ...${row} />` },
  { head: 'Members', kind: 'number', cell: ({ members }) => count(members) },
  {
    head: 'Partitions here',
    kind: 'number',
    cell: ({ partitions, of }) => `${count(partitions.length)} of ${count(of)}`,
  },
  { head: 'Events behind', kind: 'number', cell: ({ events }) => known(events, count) },
  { head: 'Lag', kind: 'number', cell: ({ lagMs }) => known(lagMs, lagText) },
  { head: 'Handovers', kind: 'number', cell: ({ handovers }) => count(handovers) },
  { head: 'Last', kind: 'number', cell: ({ at, now }) => `${duration(now - at)} ago` },
];

const MEMBERS = [
  { head: 'Member', isHead: true, cell: ({ member, isHere }) => html`<${Member} member=${member} isHere=${isHere} />` },
  { head: 'Topic', cell: (row) => html`<${Topic} ...${row} />` },
  { head: 'Partitions', kind: 'number', cell: ({ partitions }) => count(partitions.length) },
  { head: 'Which', kind: 'wide', cell: ({ partitions }) => (partitions.length === 0 ? '–' : partitions.join(', ')) },
];

const PARTITIONS = [
  {
    head: 'Partition',
    isHead: true,
    cell: ({ topic, partition, org, name }) => html`<${Topic} topic="${topic}#${partition}" org=${org} name=${name} />`,
  },
  { head: 'Member', cell: ({ member, isHere }) => html`<${Member} member=${member} isHere=${isHere} />` },
  {
    head: 'State',
    cell: ({ state }) =>
      state === undefined ? '–' : html`<span class="state ${state}"><i aria-hidden="true"></i>${state}</span>`,
  },
  { head: 'Lease', cell: ({ role }) => role ?? '–' },
  { head: 'Received/s', kind: 'number', cell: ({ receivedPerSecond }) => known(receivedPerSecond, count) },
  { head: 'Events behind', kind: 'number', cell: ({ events }) => known(events, count) },
  { head: 'Lag', kind: 'number', cell: ({ lagMs }) => known(lagMs, lagText) },
];

export function ScaleOut({ reading }) {
  const { value: lag, error } = useJson('/api/lag', [Math.floor(reading.at / ASK_EVERY_MS)]);
  const lags = lag?.partitions ?? [];
  const topics = reading.assignments.map((each) => topicOf(each, reading, lags));
  const members = topics.flatMap(({ shares, key, topic, org, name, member }) =>
    shares.map((each) => ({ ...each, key: `${key} ${each.member}`, topic, org, name, isHere: each.member === member })),
  );
  const partitions = topics.flatMap((each) => partitionsOf(each, reading, lags));
  return html`
    ${error === undefined ? '' : html`<p class="hint bad" role="status">The log does not tell the lag: ${error}</p>`}
    <${Table} caption="Topics of the log" columns=${TOPICS} rows=${topics} keyOf=${({ key }) => key} />
    <h2>Members</h2>
    <${Table} caption="Members" columns=${MEMBERS} rows=${members} keyOf=${({ key }) => key} />
    <h2>Partitions</h2>
    <p class="hint">
      A member asks for these partitions, and reads one while it has the lease of it. Only the member that reads a
      partition knows its state: see its own page. Its lag is counted from the last position that was saved.
    </p>
    <${Table} caption="Partitions" columns=${PARTITIONS} rows=${partitions} keyOf=${({ key }) => key} />
  `;
}

function topicOf(assignment, { at }, lags) {
  const own = lags.filter((lag) => isOf(lag, assignment));
  const of = (values) => (values.length === 0 ? null : values);
  const events = of(own.map((lag) => lag.events).filter((value) => value !== null));
  const lagMs = of(own.map((lag) => lag.lagMs).filter((value) => value !== null));
  return {
    ...assignment,
    now: at,
    events: events?.reduce((sum, each) => sum + each, 0),
    lagMs: lagMs && Math.max(...lagMs),
  };
}

/** All partitions of a topic, those of other members among them. */
function partitionsOf({ key, topic, org, name, of, shares, member }, { subscriptions }, lags) {
  const whose = new Map(shares.flatMap((share) => share.partitions.map((partition) => [partition, share.member])));
  const own = lags.filter((lag) => isOf(lag, { topic, org, name }));
  return Array.from({ length: of }, (_, partition) => {
    const { state, role, receivedPerSecond } =
      subscriptions.find((each) => isOf(each, { topic: `${topic}#${partition}`, org, name })) ?? {};
    const { events, lagMs } = own.find((lag) => lag.partition === partition) ?? {};
    const asks = whose.get(partition);
    return {
      ...{ key: `${key} ${partition}`, partition, topic, org, name, member: asks, isHere: asks === member },
      ...{ state, role, receivedPerSecond, events, lagMs },
    };
  });
}

function isOf(one, other) {
  return one.topic === other.topic && one.org === other.org && one.name === other.name;
}

function Topic({ topic, org, name }) {
  const more = [org, name].filter((each) => each !== null).join(', ');
  return html`<span class="topic">${topic}</span>${more === '' ? '' : html`<small>${more}</small>`}`;
}

function Member({ member, isHere }) {
  if (member === undefined) return '–';
  return html`<code>${member}</code>${isHere ? html`<small>this process</small>` : ''}`;
}

function known(value, inWords) {
  return value === undefined || value === null ? '–' : inWords(value);
}

function lagText(lagMs) {
  return lagMs === 0 ? '0' : duration(lagMs);
}
