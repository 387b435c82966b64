import type { DeadLetterQueue } from '@rxforce/dead-letters';
import { plural } from '../command/plural.js';
import { withPut } from './with-put.js';

/** Counts what has become of events while a process runs. */
export class Tally {
  private written = 0;
  private aside = 0;

  /** @param isWriting - Whether events go to sinks; pipelines and readers may have none. */
  constructor(private readonly isWriting: boolean) {}

  /** Counts events that a sink has taken. */
  readonly wrote = (events: number): void => {
    this.written += events;
  };

  /** The same queue, whose new letters are counted. */
  counting(queue: DeadLetterQueue): DeadLetterQueue {
    return withPut(queue, async (letters) => {
      await queue.put(letters);
      this.aside += letters.length;
    });
  }

  /** What was counted, for people; empty where there is nothing to say, as where events end in a pipeline. */
  get text(): string {
    const { written, aside } = this;
    if (!this.isWriting) return aside === 0 ? '' : `${plural(aside, 'event')} put aside`;
    return `${plural(written, 'event')} written, ${aside} put aside`;
  }
}
