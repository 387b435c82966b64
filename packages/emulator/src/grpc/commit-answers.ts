import type { CommitAnswer } from '../wire/commit-response.js';

/** The answers to commits on one stream: those that come in one turn are given as one, with the values of the last. */
export class CommitAnswers {
  private waiting: CommitAnswer | undefined;
  private timer: NodeJS.Immediate | undefined;

  /** @param send - Sends an answer. */
  constructor(private readonly send: (answer: CommitAnswer) => void) {}

  /** Sends an answer at the end of this turn, unless a later one stands for it until then. */
  add(answer: CommitAnswer): void {
    // A commit that failed says nothing of those before it, and those after it nothing of it.
    if (answer.error !== null || (this.waiting?.error ?? null) !== null) this.flush();
    this.waiting = answer;
    this.timer ??= setImmediate(() => this.flush());
  }

  /** Sends what waits now. */
  flush(): void {
    const answer = this.waiting;
    this.discard();
    if (answer !== undefined) this.send(answer);
  }

  /** Forgets what waits. */
  discard(): void {
    clearImmediate(this.timer);
    this.timer = undefined;
    this.waiting = undefined;
  }
}
