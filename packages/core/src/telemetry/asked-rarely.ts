import { asyncScheduler, catchError, firstValueFrom, from, map, of, race, timer, type SchedulerLike } from 'rxjs';
import { monotonicNow } from '../model/monotonic.js';

/** How long an answer is good for. */
const ASK_EVERY_MS = 15_000;
/** How long an answer may take. */
const ANSWER_WITHIN_MS = 5_000;

/** Asks others for figures: when somebody wants to know, and not more often than every 15 seconds. */
export class AskedRarely<T> {
  private asked: { readonly at: number; readonly answer: Promise<T> } | undefined;

  /**
   * @param ask - Asks, with the function that waits for one answer: it gives `undefined` after a failure or 5 seconds.
   */
  constructor(
    private readonly ask: (answerOf: <A>(call: () => Promise<A>) => Promise<A | undefined>) => Promise<T>,
    private readonly scheduler: SchedulerLike = asyncScheduler,
  ) {}

  /** The answer, of now or of a while ago. */
  answer(): Promise<T> {
    const now = monotonicNow(this.scheduler);
    if (this.asked === undefined || now - this.asked.at >= ASK_EVERY_MS) {
      this.asked = { at: now, answer: this.ask((call) => this.answerOf(call)) };
    }
    return this.asked.answer;
  }

  private answerOf<A>(call: () => Promise<A>): Promise<A | undefined> {
    const late = timer(ANSWER_WITHIN_MS, this.scheduler).pipe(map(() => undefined));
    const answer = from((async () => call())()).pipe(catchError(() => of(undefined)));
    return firstValueFrom(race(answer, late));
  }
}
