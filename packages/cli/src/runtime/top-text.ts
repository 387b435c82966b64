import { styleText } from 'node:util';
import { plainText } from '@rxforce/core/model';
import type { HappenedEntry, LiveReading, LiveSubscription } from '@rxforce/live-page';
import { table } from '../command/table.js';

type Style = Parameters<typeof styleText>[0];

const HEAD = ['TOPIC', 'NAME', 'STATE', 'FOR', 'RECV/S', 'DONE/S', 'WINDOW', 'LAG', 'CLEARS IN', 'COMMIT', 'LEASE'];
const STYLES: Readonly<Partial<Record<string, Style>>> = {
  live: 'green',
  connected: 'green',
  waiting: 'yellow',
  connecting: 'yellow',
};
/** The last lines of the log that are shown. */
const MOST_LINES = 5;
const LAG_BAD_MS = 300_000;
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** How the text is written. */
export interface TopTextOptions {
  readonly hasColor: boolean;
  /** Longest line below the table, in characters. @defaultValue 500 */
  readonly width?: number;
}

/** A reading as a table, with queues and the last things that happened below it. */
export function topText(reading: LiveReading, { hasColor, width = 500 }: TopTextOptions): string {
  const paint = (style: Style | undefined, text: string) =>
    // The stream was looked at by the command itself.
    hasColor && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
  const { at, subscriptions, queues, happened, snapshots, assignments, jobs } = reading;
  const rows = [...subscriptions].sort(
    (one, other) => (other.lagMs ?? -1) - (one.lagMs ?? -1) || one.topic.localeCompare(other.topic),
  );
  const [head = '', ...lines] = table(
    HEAD,
    rows.map((row) => cellsOf(row, at)),
  ).split('\n');
  const styled = lines.slice(0, -1).map((line, index) => {
    const row = rows[index];
    return paint(row && styleOf(row), line);
  });
  const parts = [
    `${clientsText(reading)}\n`,
    [paint('bold', head), ...styled].map((line) => `${line}\n`).join(''),
    reasonsText(rows, width),
    assignments.map((each) => `${plainText(shareText(each))}\n`).join(''),
    snapshots.map((each) => `${each.entity}: ${each.phase}, ${each.rows} rows${ofText(each.of)}\n`).join(''),
    queues.length === 0
      ? ''
      : `dead letters: ${queues.map(({ name, depth }) => `${name} ${depth ?? '…'}`).join(', ')}\n`,
    jobs
      .filter(({ state }) => state === 'running')
      .map(({ kind, queue, of, done, failed }) => `${kind} of ${queue}: ${done}${ofText(of)}, ${failed} failed again\n`)
      .join(''),
    happened
      .slice(-MOST_LINES)
      .map((entry) => `${lineOf(entry, width)}\n`)
      .join(''),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** What is worst decides: that it has failed or is late, then that it is held up. */
function styleOf({ state, lagMs, heldUpBy }: LiveSubscription): Style | undefined {
  if (state === 'failed' || (lagMs ?? 0) > LAG_BAD_MS) return 'red';
  return typeof heldUpBy === 'string' ? 'yellow' : STYLES[state];
}

function shareText({ topic, partitions, of, members }: LiveReading['assignments'][number]): string {
  return `${topic}: ${partitions.length} of ${of} partitions are for this process, of ${members} ${members === 1 ? 'member' : 'members'}`;
}

function clientsText({ at, clients }: LiveReading): string {
  const texts = clients.map(({ org, isLog, state, login, apiUsage }) => {
    const who = org === null ? '' : `${org}: `;
    const how =
      login === null ? (isLog ? 'of an event log' : 'not logged in') : login.ok ? 'logged in' : 'login failed';
    return `${who}${state}, ${how}${apiUsage === null ? '' : `, ${apiUsage.used} of ${apiUsage.limit} REST calls`}`;
  });
  return plainText(`rxforce at ${new Date(at).toISOString()}  ${texts.join('; ')}`);
}

function cellsOf(subscription: LiveSubscription, at: number): readonly string[] {
  const { topic, name, org, state, since, window, lagMs, clearsInMs, lastCommitAt, role } = subscription;
  // A process of an older version does not say it.
  const { troubleSince } = subscription as Partial<LiveSubscription>;
  return [
    topic,
    [org, name].filter((each) => each !== null).join(' '),
    state,
    durationOf(at - (troubleSince ?? since)),
    String(subscription.receivedPerSecond),
    String(subscription.settledPerSecond),
    windowText(window),
    lagMs === null ? '-' : durationOf(lagMs),
    clearsInMs === null ? '-' : `~${durationOf(clearsInMs)}`,
    lastCommitAt === null ? '-' : `${durationOf(at - lastCommitAt)} ago`,
    role ?? '-',
  ];
}

function windowText(window: LiveSubscription['window']): string {
  if (window === null) return '-';
  const isFull = window.free === 0 && window.outstanding === 0;
  return `${window.unsettled}+${window.uncommitted}/${window.size}${isFull ? ' full' : ''}`;
}

function reasonsText(rows: readonly LiveSubscription[], width: number): string {
  const reasons = rows.flatMap(({ topic, reason }) => (reason === null ? [] : [`${topic}: ${reason}`]));
  // Partitions of a log may have the same sink. A process of an older version says nothing of it.
  const heldUp = new Set(rows.flatMap(({ heldUpBy }) => heldUpBy ?? []));
  return [...reasons, ...heldUp].map((line) => `${cut(line, width)}\n`).join('');
}

function ofText(of: number | null): string {
  return of === null ? '' : ` of about ${of}`;
}

function lineOf({ at, level, topic, text, times }: HappenedEntry, width: number): string {
  const often = times > 1 ? ` (${times} times)` : '';
  const time = new Date(at).toISOString().slice(11, 19);
  return cut(`${time} ${level.padEnd(5)} ${topic === null ? '' : `${topic} `}${text}${often}`, width);
}

/** One line, which no terminal has to break. */
function cut(text: string, width: number): string {
  const line = plainText(text);
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

function durationOf(ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms >= each) ?? ['ms', 1];
  return `${Math.floor(Math.max(0, ms) / size)}${unit}`;
}
