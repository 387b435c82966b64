import { interval, type Subscription } from 'rxjs';
import { BAR, FIGURES, rateFigure, text, type Figure, type Watched } from './figures.js';

/** Between two pictures of the table, and between two lines where there is no table, in milliseconds. */
const REDRAW_MS = 200;
const LINE_MS = 1_000;

const NAME_WIDTH = 12;
const COLUMN_WIDTH = 12;
/** Of a terminal that does not tell its own. */
const DEFAULT_COLUMNS = 80;

/** Shows what happens, until it is unsubscribed: a table that is redrawn on a terminal, lines anywhere else. */
export function showLive(watched: readonly Watched[], out: NodeJS.WriteStream): Subscription {
  const rate = rateFigure(watched);
  return out.isTTY ? showTable(watched, [rate, ...FIGURES, BAR], out) : showLines(watched, [rate, ...FIGURES], out);
}

/** Topics side by side, so that there is room to say what each figure means. */
function showTable(watched: readonly Watched[], figures: readonly Figure[], out: NodeJS.WriteStream): Subscription {
  const row = (name: string, of: Figure['of'], meaning: string): string => {
    const cells = watched.map((each) => text(of(each)).padStart(COLUMN_WIDTH)).join('');
    return `${name.padEnd(NAME_WIDTH)}${cells}   ${meaning}`;
  };
  let height = 0;
  const draw = (): void => {
    const rows = [
      row('', ({ topic }) => topic.entity, ''),
      ...figures.map((each) => row(each.name, each.of, each.meaning)),
    ];
    // Up to the first row of the picture before; a row that wrapped would spoil the count.
    const columns = out.columns > 0 ? out.columns : DEFAULT_COLUMNS;
    if (height > 0) out.write(`\x1b[${height}A`);
    rows.forEach((each) => out.write(`${each.slice(0, columns - 1)}\x1b[K\n`));
    height = rows.length;
  };
  draw();
  const drawing = interval(REDRAW_MS).subscribe(draw);
  drawing.add(draw);
  return drawing;
}

/** A line a topic, every second. */
function showLines(watched: readonly Watched[], figures: readonly Figure[], out: NodeJS.WriteStream): Subscription {
  const write = (time: string, topic: string, cellOf: (figure: Figure) => string): void => {
    const cells = figures.map((figure) => cellOf(figure).padStart(Math.max(9, figure.name.length + 2))).join('');
    out.write(`${time.padStart(5)}  ${topic.padEnd(NAME_WIDTH)}${cells}\n`);
  };
  const writeAll = (time: string): void =>
    watched.forEach((each) => write(time, each.topic.entity, ({ of }) => text(of(each))));

  write('', 'topic', ({ name }) => name);
  const writing = interval(LINE_MS).subscribe((index) => writeAll(`${index + 1} s`));
  writing.add(() => writeAll('end'));
  return writing;
}
