import type { PipelineNote } from './journal.js';
import type { Mark } from './things.js';
import type { Pipeline } from './work.js';

/** How many keys the events have, in turns. */
export const KEYS = 3;

/**
 * What became of a pipeline: everything was worked on, without a word or with a warning; the library stopped it; it
 * ended by itself; it waits for ever, with or without a word; or events are behind its position that nobody worked on.
 */
export type Verdict =
  | 'works'
  | 'warned'
  | 'stops'
  | 'stops in several ways'
  | 'ends'
  | 'waits'
  | 'waits in silence'
  | 'lost'
  | 'lost in silence';

/** What is known of one pipeline, over all its lives. */
export class Ledger {
  /** Events that nobody had worked on when a position behind them became durable: a kill there would have lost them. */
  readonly lost = new Set<number>();
  /** What the library said, in the order of its first time. */
  readonly said = new Set<string>();
  /** The codes of the errors of each life. */
  readonly stops: string[] = [];
  /** The last that became durable in a store. */
  position: string | undefined;
  private done = new Set<number>();
  private begun = new Set<number>();
  private doneInLife = new Set<number>();
  private completed = false;
  private stopped = false;
  private warned = false;
  /** Whether anything was heard from it in this life. */
  isUnderWay = false;

  constructor(
    readonly name: string,
    readonly pipeline: Pipeline,
  ) {}

  /** A process starts. What one without a position has done counts for itself alone. */
  startLife(): void {
    this.completed = this.stopped = this.isUnderWay = false;
    this.begun = new Set();
    this.doneInLife = new Set();
    if (this.pipeline.kept === 'nowhere') this.done = new Set();
  }

  /** Takes a note of the current life. */
  take(what: PipelineNote, numberOf: (mark: Mark) => number | undefined): void {
    this.isUnderWay = true;
    switch (what.type) {
      case 'position':
        this.position = what.position;
        return;
      case 'completed':
        this.completed = true;
        return;
      case 'warning':
        this.warned = true;
        this.said.add(what.message);
        return;
      case 'error':
        if (!this.stopped) this.stops.push(what.code);
        this.stopped = true;
        this.said.add(`${what.code}: ${what.message}`);
        return;
      case 'begun':
      case 'done':
        for (const mark of what.marks) {
          const number = numberOf(mark);
          if (number === undefined) continue;
          this[what.type].add(number);
          if (what.type === 'done') this.doneInLife.add(number);
        }
    }
  }

  /** Nothing up to a position comes again. */
  isDurable(position: number, events: number): void {
    for (const number of this.missing(position, events)) this.lost.add(number);
  }

  /** Without a position, what was passed over while others were worked on does not come again either. */
  passedOver(events: number): void {
    this.isDurable(Math.max(0, ...this.done), events);
  }

  /** Grows as long as something happens that has not happened before in this life: what was done comes again. */
  get progress(): number {
    return this.doneInLife.size + this.said.size + Number(this.completed) + Number(this.stopped);
  }

  /** What it comes to, after the last life. */
  verdict(events: number): Verdict {
    const silent = this.said.size === 0;
    if (this.lost.size > 0) return silent ? 'lost in silence' : 'lost';
    // The last life waits for it; in those before, it may be killed before it can be stopped.
    if (this.stopped) return new Set(this.stops).size === 1 ? 'stops' : 'stops in several ways';
    if (this.missing(events, events).length <= this.pipeline.leaves) return this.warned ? 'warned' : 'works';
    if (this.completed) return 'ends';
    return silent ? 'waits in silence' : 'waits';
  }

  /** The events up to a number that should have been worked on, of so many that there are. */
  private missing(upTo: number, events: number): number[] {
    const { covers } = this.pipeline;
    if (covers === 'the latest') return this.missingLatest(upTo, events, () => true);
    if (covers === 'the latest of a key') {
      const keys = Array.from({ length: KEYS }, (_, key) => key);
      return keys.flatMap((key) => this.missingLatest(upTo, events, (number) => number % KEYS === key));
    }
    const all = Array.from({ length: upTo }, (_, index) => index + 1);
    const left = all.filter((number) => !this.done.has(number));
    return covers === 'each' ? left : left.filter((number) => this.begun.has(number));
  }

  /** The latest event, where it does not come again, and neither it nor what it was merged into was worked on. */
  private missingLatest(upTo: number, events: number, isOfKey: (number: number) => boolean): number[] {
    let latest = events;
    while (latest > 0 && !isOfKey(latest)) latest--;
    return latest === 0 || latest > upTo || this.done.has(latest) ? [] : [latest];
  }
}
