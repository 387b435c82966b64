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
  /** Most lines on a screen of that width. Rows that do not fit are only counted. @defaultValue all are shown */
  readonly height?: number;
}

/** A reading as a table, with queues and the last things that happened below it. */
export function topText(reading: LiveReading, { hasColor, width = 500, height = Infinity }: TopTextOptions): string {
  const paint = (style: Style | undefined, text: string) =>
    // The stream was looked at by the command itself.
    hasColor && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
  const rows = [...reading.subscriptions].sort(
    (one, other) =>
      rankOf(one) - rankOf(other) || (other.lagMs ?? -1) - (one.lagMs ?? -1) || one.topic.localeCompare(other.topic),
  );
  const cells = rows.map((row) => cellsOf(row, reading.at));
  const [head = '', ...lines] = table(HEAD, cells).split('\n').slice(0, -1);
  const above = `${clientsText(reading)}\n`;
  const below = belowText(reading, rows, width);
  const room = height - screenLines([above, `${head}\n`, ...below].join('\n'), width);
  const most = fitting(lines, room, width);
  const shown = lines.slice(0, most).map((line, index) => paint(rows[index] && styleOf(rows[index]), line));
  const drawn = [paint('bold', head), ...shown, ...hiddenText(rows.slice(most))];
  return [above, drawn.map((line) => `${line}\n`).join(''), ...below].join('\n');
}

/** What is below the table, each part a paragraph. */
function belowText(reading: LiveReading, rows: readonly LiveSubscription[], width: number): readonly string[] {
  const { queues, happened, snapshots, assignments, jobs } = reading;
  const parts = [
    reasonsText(rows, width),
    assignments.map((each) => `${plainText(shareText(each))}\n`).join(''),
    snapshots.map((each) => `${each.entity}: ${each.phase}, ${each.rows} rows${ofText(each.of)}\n`).join(''),
    lettersText(queues),
    jobs
      .filter(({ state }) => state === 'running')
      .map(({ kind, queue, of, done, failed }) => `${kind} of ${queue}: ${done}${ofText(of)}, ${failed} failed again\n`)
      .join(''),
    happened
      .slice(-MOST_LINES)
      .map((entry) => `${lineOf(entry, width)}\n`)
      .join(''),
  ];
  return parts.filter((part) => part !== '');
}

/** How many lines of a screen a text takes. */
function screenLines(text: string, width: number): number {
  const lines = text.split('\n').slice(0, -1);
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / width)), 0);
}

/** How many of the rows fit; at least one. Where not all do, a line says how many are left out. */
function fitting(lines: readonly string[], room: number, width: number): number {
  const heights = lines.map((line) => screenLines(`${line}\n`, width));
  const upTo = (count: number) => heights.slice(0, count).reduce((sum, each) => sum + each, 0);
  if (upTo(lines.length) <= room) return lines.length;
  const over = lines.findIndex((_, index) => upTo(index + 1) > room - 1);
  return Math.max(1, over);
}

/** The rows that are left out: how many there are, by their states. */
function hiddenText(rows: readonly LiveSubscription[]): readonly string[] {
  if (rows.length === 0) return [];
  const states = [...new Set(rows.map(({ state }) => state))];
  const counts = states.map((state) => `${rows.filter((row) => row.state === state).length} ${state}`);
  return [`and ${rows.length} more: ${counts.join(', ')}`];
}

/** Those that have something come by their names. */
function lettersText(queues: LiveReading['queues']): string {
  if (queues.length === 0) return '';
  const some = queues.filter(({ depth }) => depth !== 0).map(({ name, depth }) => `${name} ${depth ?? '…'}`);
  return `dead letters: ${some.length === 0 ? 'none' : some.join(', ')}\n`;
}

/** Those that read nothing come first: their lag is not known. */
function rankOf({ state }: LiveSubscription): number {
  return state === 'failed' ? 0 : state === 'waiting' || state === 'connecting' ? 1 : 2;
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
  const known = [...new Set(rows.flatMap(({ reason }) => reason ?? []))];
  const reasons = known.map((why) => {
    const [first, ...others] = rows.filter(({ reason }) => reason === why);
    return `${first?.topic}${others.length === 0 ? '' : ` and ${others.length} more`}: ${why}`;
  });
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
