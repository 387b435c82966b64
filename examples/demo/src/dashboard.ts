import { interval } from 'rxjs';
import { BAR, FIGURES, rateFigure, text, type Figure, type Watched } from './figures.js';

/** Between two pictures of the table, and between two lists where there is no table, in milliseconds. */
const REDRAW_MS = 200;
const LIST_MS = 2_000;

const NAME_WIDTH = 12;
const COLUMN_WIDTH = 12;
/** Of a terminal that does not tell its own. */
const DEFAULT_COLUMNS = 80;

/** Where the demo tells what happens. */
export interface Screen {
  /** Tells something, with the time: it stays above the figures. */
  readonly say: (line: string) => void;
  /** Shows the figures for the last time. */
  readonly stop: () => void;
}

/** Shows what happens: a table that is redrawn on a terminal, a list every other second anywhere else. */
export function openScreen(watched: readonly Watched[], out: NodeJS.WriteStream): Screen {
  const startedAt = performance.now();
  const figures = [rateFigure(watched), ...FIGURES];
  const table = out.isTTY ? new Table(watched, [...figures, BAR], out) : undefined;
  const list = () => void out.write(listOf(watched, figures));
  const show = table ? () => table.draw() : list;
  const showing = interval(table ? REDRAW_MS : LIST_MS).subscribe(show);
  return {
    say: (line) => {
      table?.erase();
      out.write(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${line}\n`);
      table?.draw();
    },
    stop: () => {
      showing.unsubscribe();
      show();
    },
  };
}

/** Topics side by side, so that there is room to say what each figure means. */
class Table {
  private height = 0;

  constructor(
    private readonly watched: readonly Watched[],
    private readonly figures: readonly Figure[],
    private readonly out: NodeJS.WriteStream,
  ) {}

  draw(): void {
    const rows = [
      this.row('', ({ topic }) => topic.entity, ''),
      ...this.figures.map(({ name, of, meaning }) => this.row(name, of, meaning)),
    ];
    // A row that wrapped would spoil the count of rows to erase.
    const columns = this.out.columns > 0 ? this.out.columns : DEFAULT_COLUMNS;
    this.erase();
    rows.forEach((row) => this.out.write(`${row.slice(0, columns - 1)}\n`));
    this.height = rows.length;
  }

  erase(): void {
    if (this.height > 0) this.out.write(`\x1b[${this.height}A\x1b[J`);
    this.height = 0;
  }

  private row(name: string, of: Figure['of'], meaning: string): string {
    const cells = this.watched.map((each) => text(of(each)).padStart(COLUMN_WIDTH)).join('');
    return `${name.padEnd(NAME_WIDTH)}${cells}   ${meaning}`;
  }
}

/** A line a topic, under a heading. */
function listOf(watched: readonly Watched[], figures: readonly Figure[]): string {
  const line = (topic: string, cellOf: (figure: Figure) => string): string => {
    const cells = figures.map((figure) => cellOf(figure).padStart(Math.max(9, figure.name.length + 2))).join('');
    return `         ${topic.padEnd(NAME_WIDTH)}${cells}\n`;
  };
  const lines = watched.map((each) => line(each.topic.entity, ({ of }) => text(of(each))));
  return [line('', ({ name }) => name), ...lines].join('');
}
