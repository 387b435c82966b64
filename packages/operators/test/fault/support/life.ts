import { Subject } from 'rxjs';

/** What happened to each event at one place of a pipeline, by the event's index. */
export interface Tally {
  /** How often it came. */
  readonly arrived: number[];
  /** How often it was passed on, or the work on it succeeded. */
  readonly done: number[];
}

/** One subscription's life: what reached its pipeline, and what became of it there. */
export class Life {
  /** Where its first stream started. */
  start: number | undefined;
  /** The index behind the last event handed out. */
  handedOutUpTo = 0;
  /** How often each event was handed out. */
  readonly handedOut: number[];
  /** How often each event was put aside, because it cannot be decoded. */
  readonly aside: number[];
  /** What came out at the end. */
  readonly terminal: Tally;
  /** Emits when the last event of the log was handed out: collectors need not wait for more. */
  readonly tail$ = new Subject<void>();
  /** Operators that ended their part of the pipeline, by number. */
  readonly closed = new Set<number>();
  private readonly tallies = new Map<number, Tally>();
  private readonly finished: boolean[] = [];

  /**
   * @param number - Counted from 1, over all processes.
   * @param faulty - Whether operators that cut the pipeline short do so.
   */
  constructor(
    readonly number: number,
    readonly faulty: boolean,
    private readonly events: number,
  ) {
    this.handedOut = this.zeros();
    this.aside = this.zeros();
    this.terminal = this.newTally();
  }

  /** The tally of a stage, by its number. */
  tally(stage: number): Tally {
    const tally = this.tallies.get(stage) ?? this.newTally();
    this.tallies.set(stage, tally);
    return tally;
  }

  /** Whether the work on an event is done; once it is, it stays so. */
  isDone(event: number, find: () => boolean): boolean {
    return (this.finished[event] ||= find());
  }

  private newTally(): Tally {
    return { arrived: this.zeros(), done: this.zeros() };
  }

  private zeros(): number[] {
    return new Array<number>(this.events).fill(0);
  }
}
