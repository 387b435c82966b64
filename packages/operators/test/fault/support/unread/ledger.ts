import type { Note } from './journal.js';
import type { Mark } from './things.js';
import type { Pipeline } from './work.js';

/** How many keys the events have, in turns. */
export const KEYS = 3;

/**
 * What became of a pipeline: everything was worked on, without a word or with a warning; the library stopped it; it ended
 * by itself; it waits for ever, with or without a word; or events are behind its position that nobody worked on.
 */
export type Verdict = 'works' | 'warned' | 'stops' | 'ends' | 'waits' | 'waits in silence' | 'lost' | 'lost in silence';

/** What is known of one pipeline, over all its lives. */
export class Ledger {
  /** Events behind the position that were not worked on when a process died. */
  readonly lost = new Set<number>();
  /** What the library said, in the order of its first time. */
  readonly said = new Set<string>();
  /** The codes of the errors of each life. */
  readonly stops: string[] = [];
  /** The last that became durable in a store. */
  position: string | undefined;
  private done = new Set<number>();
  private begun = new Set<number>();
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
    if (this.pipeline.kept === 'nowhere') this.done = new Set();
  }

  /** Takes a note of the current life. */
  take(what: Note, numberOf: (mark: Mark) => number | undefined): void {
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
          if (number !== undefined) this[what.type].add(number);
        }
    }
  }

  /** The process has died: nothing up to its position comes again. */
  died(position: number): void {
    for (const number of this.missing(position)) this.lost.add(number);
  }

  /** Without a position, what was passed over while others were worked on does not come again either. */
  passedOver(): void {
    this.died(Math.max(0, ...this.done));
  }

  /** Grows as long as something happens that has not happened before. */
  get progress(): number {
    return this.done.size + this.said.size + Number(this.completed) + Number(this.stopped);
  }

  /** What it comes to, after the last life. */
  verdict(events: number): Verdict {
    const silent = this.said.size === 0;
    if (this.lost.size > 0) return silent ? 'lost in silence' : 'lost';
    if (this.stopped) return 'stops';
    if (this.missing(events).length <= this.pipeline.leaves) return this.warned ? 'warned' : 'works';
    if (this.completed) return 'ends';
    return silent ? 'waits in silence' : 'waits';
  }

  /** The events up to a number that should have been worked on. */
  private missing(upTo: number): number[] {
    const { covers } = this.pipeline;
    const all = Array.from({ length: upTo }, (_, index) => index + 1);
    const left = all.filter((number) => !this.done.has(number));
    if (covers === 'each') return left;
    if (covers === 'what it begins') return left.filter((number) => this.begun.has(number));
    const last = Math.max(0, ...this.done);
    return left.filter((number) => number > (covers === 'the latest' ? last : this.lastOfKey(number % KEYS)));
  }

  private lastOfKey(key: number): number {
    return Math.max(0, ...[...this.done].filter((number) => number % KEYS === key));
  }
}
