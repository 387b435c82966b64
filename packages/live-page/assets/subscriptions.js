/** Subscriptions: what each does, how fast, and how far it is behind. */
import { Bar, clock, count, duration, html, Sparkline, Table } from '/kit.js';

/** The limits of the alert rules: lag, and the age of the last commit. */
const LAG_LATE_MS = 60_000;
const LAG_BAD_MS = 300_000;
const COMMIT_BAD_MS = 6 * 3_600_000;
/** How long the service knows a replay id. */
const REPLAYABLE_MS = 72 * 3_600_000;

const COLUMNS = [
  { head: 'Topic', isHead: true, cell: (row) => html`<${Topic} ...${row} />` },
  { head: 'State', cell: (row) => html`<${State} ...${row} />` },
  { head: 'Received/s', kind: 'number big', cell: ({ receivedPerSecond }) => count(receivedPerSecond) },
  { head: 'Settled/s', kind: 'number big', cell: ({ settledPerSecond }) => count(settledPerSecond) },
  { head: 'Last minute', cell: ({ history }) => html`<${Sparkline} ...${history} />` },
  { head: 'Window', cell: ({ window }) => html`<${Window} window=${window} />` },
  { head: 'Lag', kind: 'number big', cell: (row) => html`<${Lag} ...${row} />` },
  { head: 'Last commit', kind: 'number big', cell: (row) => html`<${Commit} ...${row} />` },
];

export function Subscriptions({ reading }) {
  const { at, subscriptions, clients } = reading;
  if (subscriptions.length === 0) {
    const isOver = clients.every(({ state }) => state === 'closed');
    return html`<p class="empty">${isOver ? 'No subscription is left.' : 'Nobody has subscribed to anything yet.'}</p>`;
  }
  const rows = subscriptions
    .map((each) => ({ ...each, at }))
    .sort(
      (one, other) =>
        rankOf(one) - rankOf(other) || (other.lagMs ?? -1) - (one.lagMs ?? -1) || one.topic.localeCompare(other.topic),
    );
  return html`<${Table}
    caption="Subscriptions, those that read nothing first, then the latest"
    columns=${COLUMNS}
    rows=${rows}
    keyOf=${({ key }) => key}
  />`;
}

/** Those that read nothing come first: their lag is not known. */
function rankOf({ state }) {
  return state === 'failed' ? 0 : state === 'waiting' || state === 'connecting' ? 1 : 2;
}

function Topic({ topic, name, org, role }) {
  const more = [org, name, role].filter((each) => each !== null).join(', ');
  return html`<span class="topic">${topic}</span>${more === '' ? '' : html`<small>${more}</small>`}`;
}

function State({ state, since, troubleSince, reason, heldUpBy, nextTryAt, at }) {
  const next = nextTryAt === null ? '' : `, next try in ${duration(Math.max(0, nextTryAt - at))}`;
  return html`
    <span class="state ${state}"><i aria-hidden="true"></i>${state}</span>
    <small>${duration(at - (troubleSince ?? since))}${next}</small>
    ${[reason, heldUpBy].map((why) => (why === null ? '' : html`<small class="reason">${why}</small>`))}
  `;
}

function Window({ window }) {
  if (window === null) return '–';
  const { unsettled, outstanding, uncommitted, free, size } = window;
  const parts = [
    { kind: 'unsettled', value: unsettled },
    { kind: 'uncommitted', value: uncommitted },
    { kind: 'outstanding', value: outstanding },
  ];
  const isFull = free === 0 && outstanding === 0;
  const label = `${unsettled} in work, ${uncommitted} not saved, ${outstanding} asked for, ${free} free, of ${size}`;
  return html`
    <span class=${isFull ? 'window full' : 'window'} title=${label}>
      <${Bar} parts=${parts} size=${size} label=${label} />
      <small>${isFull ? html`<b class="bad">full</b>, ` : ''}${count(unsettled)} in work of ${count(size)}</small>
    </span>
  `;
}

function Lag({ lagMs, clearsInMs }) {
  if (lagMs === null) return '–';
  const kind = lagMs > LAG_BAD_MS ? 'bad' : lagMs > LAG_LATE_MS ? 'late' : undefined;
  return html`
    <span class=${kind}>${lagMs === 0 ? '0' : duration(lagMs)}</span>
    ${clearsInMs === null || lagMs < 1_000 ? '' : html`<small>clears in ~${duration(clearsInMs)}</small>`}
  `;
}

function Commit({ lastCommitAt, at }) {
  if (lastCommitAt === null) return '–';
  const age = at - lastCommitAt;
  const share = Math.round((age / REPLAYABLE_MS) * 100);
  return html`
    <span class=${age > COMMIT_BAD_MS ? 'bad' : undefined} title=${clock(lastCommitAt)}>${duration(age)} ago</span>
    ${share < 1 ? '' : html`<small>${share} % of 72 h</small>`}
  `;
}
