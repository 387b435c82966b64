import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { asLastWords, wordsOf } from '../config/setting-words.js';
import { isOutage, isRetriable, SinkError, type SinkEvent } from '../sinks/sink.js';
import { SourceError } from '../sinks/source-error.js';
import { asOutage, type JudgesFailures } from './own-failures.js';
import { SinkOutage, type SinkOutageOptions } from './sink-outage.js';
import type { TopicPlan } from './topic-plan.js';

/** How long a sink that is out is waited for, in milliseconds. One that is restarted is back by then. */
const LONGEST_WAIT_MS = 10_000;
/** After so many letters in a row that failed, though trying again may help, the sink counts as out. */
const MOST_IN_A_ROW = 10;

/** A sink is out, or what it needs beside letters, so no more letters are tried. */
export class SinkIsOutError extends SinkError {}

/**
 * Tells the failures of letters from those of a sink that is out, while letters are written again. A letter that the
 * sink refuses has failed again. Where the sink says by itself that it is out, the letter is tried again for 10 s. Then
 * the redrive is over, and what was not tried stays as it was. It is also over once ten letters in a row have failed
 * and none of them for good: that is more likely one broken sink than ten bad letters. A schema that cannot be had is
 * waited for as a sink is; a login that is refused is not.
 */
export class LetterFailures implements JudgesFailures {
  private inARow = 0;
  private since: number | undefined;
  private readonly outage: SinkOutage;
  private readonly scheduler: Pick<SchedulerLike, 'now'>;

  constructor(
    private readonly plan: Pick<TopicPlan, 'sink' | 'retryDelayMs'>,
    options: SinkOutageOptions = {},
  ) {
    const { scheduler = asyncScheduler } = options;
    this.scheduler = scheduler;
    // The wait of the settings is for events of a run.
    this.outage = new SinkOutage({ ...plan, retryDelayMs: 0 }, options);
  }

  began(): number {
    return 0;
  }

  gotThrough(): void {
    this.inARow = 0;
    this.since = undefined;
    this.outage.worked();
  }

  /** The error that an attempt has failed with; as an outage, where too many have failed. */
  judge(error: unknown, _events: readonly SinkEvent[], _began: number): unknown {
    if (isOutage(error)) return error;
    this.since = undefined;
    this.inARow = isRetriable(error) ? this.inARow + 1 : 0;
    if (this.inARow < MOST_IN_A_ROW) return error;
    return asOutage(error);
  }

  /**
   * How long to wait after an outage, in milliseconds.
   *
   * @throws `SinkIsOutError` once it is no use to wait.
   */
  waitAfter(error: unknown): number {
    const now = this.scheduler.now();
    this.since ??= now;
    const wait = this.outage.waitAfter(error);
    const { sink = '' } = this.plan;
    if (this.inARow >= MOST_IN_A_ROW) {
      throw new SinkIsOutError(
        `The sink ${sink} has taken none of ${this.inARow} letters in a row: ${wordsOf(error)}`,
        {
          cause: error,
        },
      );
    }
    const isOfSource = error instanceof SourceError;
    const mayPass = !isOfSource || error.mayPass;
    if (mayPass && now + wait - this.since <= LONGEST_WAIT_MS) return wait;
    if (isOfSource) throw new SinkIsOutError(asLastWords(error.message), { cause: error });
    throw new SinkIsOutError(`The sink ${sink} is out: ${wordsOf(error)}`, { cause: error });
  }
}
