import { TestScheduler } from 'rxjs/testing';

/** A diagram: streams, and between them the operator that makes one of the other. */
export interface Diagram {
  readonly rows: readonly Row[];
  /** What the values are, as the diagram says it. */
  readonly legend: readonly string[];
  /** Whether silences are drawn shorter than they are. */
  readonly isShortened: boolean;
}

export type Row = StreamRow | OperatorRow;

/** A stream: its marbles, as written and as read. */
export interface StreamRow {
  readonly type: 'stream';
  readonly title: string;
  readonly marbles: string;
  readonly messages: readonly Message[];
}

export interface OperatorRow {
  readonly type: 'operator';
  readonly call: string;
}

/** `frame` is where it is drawn. */
export interface Message {
  readonly frame: number;
  readonly kind: 'N' | 'E' | 'C';
  readonly value: string;
}

/** Silences longer than this are drawn as long as this. */
const LONGEST_SILENCE = 25;

/**
 * Reads a diagram: lines `name  marbles`, with the operator's call on an indented line between them. Behind three or
 * more spaces a line may say what its values are.
 */
export function parseDiagram(text: string): Diagram {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rows: Row[] = [];
  const legend: string[] = [];
  for (const line of lines) {
    const { title, content, note } = partsOf(line);
    if (title !== '') rows.push({ type: 'stream', title, marbles: content, messages: messagesOf(content) });
    else if (rows.at(-1)?.type === 'stream' && !rows.some(({ type }) => type === 'operator')) {
      rows.push({ type: 'operator', call: content });
    } else legend.push(...entriesOf(content));
    legend.push(...entriesOf(note));
  }
  if (rows.length < 3 || rows.at(-1)?.type !== 'stream') {
    throw new Error(`A diagram needs a source, a call and a result:\n${text}`);
  }
  return shortened(rows, legend);
}

function partsOf(line: string): { title: string; content: string; note: string } {
  const [, title = '', content = '', note = ''] = /^(\w*)\s+(\S+(?: \S+)*)(?:\s{3,}(.*))?$/.exec(line) ?? [];
  return { title, content, note: note.trim() };
}

/** `x = [a, b], y = [c]` is two entries. */
function entriesOf(note: string): string[] {
  return note === '' ? [] : note.split(/[,;]\s+(?=\w+ = )/);
}

/** Reads marbles as RxJS's own test scheduler does, so that the picture shows what the test runs. */
function messagesOf(marbles: string): Message[] {
  const scheduler = new TestScheduler(() => undefined);
  return scheduler.run(() =>
    TestScheduler.parseMarbles(marbles, undefined, undefined, undefined, true).map(({ frame, notification }) => ({
      frame,
      kind: notification.kind,
      value: notification.kind === 'N' ? String(notification.value) : '',
    })),
  );
}

/** Draws long silences of all streams shorter, and all of them alike. */
function shortened(rows: readonly Row[], legend: readonly string[]): Diagram {
  const streams = rows.filter((row) => row.type === 'stream');
  const frames = [...new Set([0, ...streams.flatMap(({ messages }) => messages.map(({ frame }) => frame))])];
  const drawnAt = new Map<number, number>();
  let drawn = 0;
  let before = 0;
  for (const frame of frames.sort((a, b) => a - b)) {
    drawn += Math.min(frame - before, LONGEST_SILENCE);
    before = frame;
    drawnAt.set(frame, drawn);
  }
  const moved = (message: Message) => ({ ...message, frame: drawnAt.get(message.frame) ?? message.frame });
  return {
    rows: rows.map((row) => (row.type === 'stream' ? { ...row, messages: row.messages.map(moved) } : row)),
    legend,
    isShortened: drawn < before,
  };
}
