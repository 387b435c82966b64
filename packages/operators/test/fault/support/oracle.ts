import type { StreamPosition } from '../../../../core/src/ports/replay-store.js';
import type { EventLog } from './event-log.js';
import { Life } from './life.js';
import type { LogStream } from './log-service.js';
import type { Stage } from './stages/stage.js';

/**
 * Knows of each event where it came to in the pipeline, and which work on it succeeded; and demands, at any moment:
 *
 * - No position, be it durable or where the next subscription would start, passes an event whose work is not done.
 * - What is asked for and what is not done fit in the window together.
 * - In one life nothing is handed out twice, or out of order, and each stream goes on exactly behind the one before.
 * - A position once durable is never taken back, and no stream jumps to a newer tip once events were handed out.
 */
export class Oracle {
  readonly lives: Life[] = [];
  /** Everything before this index is durable. */
  durableTo = 0;
  private readonly checkedTo = new Map<Life, number>();
  private readonly streamsOf = new Map<Life, LogStream[]>();

  /**
   * @param begin - Index of the first event that must be worked on; not known yet, when it begins at the tip.
   */
  constructor(
    private readonly log: EventLog,
    private readonly pipeline: Stage,
    private begin: number | undefined,
    private readonly broken: (rule: string) => void,
  ) {}

  /** A subscription begins. */
  newLife(faulty: boolean): Life {
    const life = new Life(this.lives.length + 1, faulty, this.log.length);
    this.lives.push(life);
    this.streamsOf.set(life, []);
    return life;
  }

  /** A stream is opened for a subscription, before the event at an index. */
  opened(life: Life, stream: LogStream, startsAt: number): void {
    if (stream.start.from === 'latest') this.openedAtTip(life, startsAt);
    const streams = this.streamsOf.get(life)!;
    const given = streams.findLast((other) => other.given !== undefined)?.given;
    if (given !== undefined && given !== startsAt) {
      this.broken(`Life ${life.number} was given all before ${given}, and goes on at ${startsAt}.`);
    }
    streams.push(stream);
    life.start ??= startsAt;
  }

  /** An event enters the pipeline. */
  handedOut(life: Life, index: number): void {
    if (life.handedOut[index]!++ > 0) this.broken(`${index} was handed out twice in life ${life.number}.`);
    if (index < life.handedOutUpTo) this.broken(`${index} was handed out after ${life.handedOutUpTo - 1}.`);
    life.handedOutUpTo = index + 1;
  }

  /** A position stands for what this life has done. */
  passed(life: Life, position: StreamPosition, what: string): void {
    if (life.start === undefined || this.begin === undefined) return;
    const end = this.log.indexAfter(position);
    const from = Math.max(this.begin, life.start, this.checkedTo.get(life) ?? 0);
    for (let index = from; index < end; index++) {
      if (!this.isDoneIn(life, index)) {
        this.broken(`${what} passes ${index}, whose work is not done.`);
        return;
      }
      this.checkedTo.set(life, index + 1);
    }
  }

  /** A position is about to become durable. */
  saving(position: StreamPosition): void {
    const end = this.log.indexAfter(position);
    const passed = this.missing().find((index) => index < end);
    if (passed !== undefined) this.broken(`The position saved passes ${passed}, whose work is not done.`);
  }

  /** A position is durable. */
  saved(position: StreamPosition): void {
    const end = this.log.indexAfter(position);
    if (end < this.durableTo) this.broken(`The position saved goes back from ${this.durableTo} to ${end}.`);
    this.durableTo = end;
  }

  /** A moment in a life has passed. */
  fits(life: Life, window: number): void {
    const stream = this.streamsOf.get(life)!.at(-1);
    if (life.start === undefined || stream === undefined || stream.cancelled) return;
    let busy = stream.asked;
    const given = this.streamsOf.get(life)!.findLast((other) => other.given !== undefined)?.given ?? life.start;
    for (let index = Math.max(life.start, this.begin ?? 0); index < given; index++) {
      if (!this.isDoneIn(life, index)) busy++;
    }
    if (busy > window) this.broken(`${busy} events are asked for or in work.`);
  }

  /** The events that must be worked on, and that no life has done. */
  missing(): number[] {
    if (this.begin === undefined) return [];
    const { begin } = this;
    const wanted = Array.from({ length: this.log.length - begin }, (_, offset) => begin + offset);
    return wanted.filter((index) => !this.lives.some((life) => this.isDoneIn(life, index)));
  }

  private openedAtTip(life: Life, startsAt: number): void {
    const seen = this.lives.some(({ handedOut }) => handedOut.some((count, index) => count > 0 && index < startsAt));
    if (seen) this.broken('A stream starts at the tip, though events came before.');
    this.begin = startsAt;
    life.start = startsAt;
  }

  private isDoneIn(life: Life, index: number): boolean {
    return life.isDone(index, () => {
      if (this.log.trait(index).broken) return life.aside[index]! > 0;
      if (life.handedOut[index] === 0) return false;
      const count = this.pipeline.flow(life, index, 1);
      return count === life.terminal.arrived[index] && count === life.terminal.done[index];
    });
  }
}
