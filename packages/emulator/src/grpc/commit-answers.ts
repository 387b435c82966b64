import type { CommitAnswer } from '../wire/commit-response.js';

/** The answers to commits on one stream: commits of one turn get one answer, with the values of the last. */
export class CommitAnswers {
  private waiting: CommitAnswer | undefined;
  private timer: NodeJS.Immediate | undefined;

  /** @param send - Sends an answer. */
  constructor(private readonly send: (answer: CommitAnswer) => void) {}

  /** Sends an answer at the end of this turn, unless a later one replaces it before. */
  add(answer: CommitAnswer): void {
    // A failed commit says nothing about earlier ones, and later ones say nothing about it.
    if (answer.error !== null || (this.waiting?.error ?? null) !== null) this.flush();
    this.waiting = answer;
    this.timer ??= setImmediate(() => this.flush());
  }

  /** Sends the waiting answer now. */
  flush(): void {
    const answer = this.waiting;
    this.discard();
    if (answer !== undefined) this.send(answer);
  }

  /** Drops the waiting answer. */
  discard(): void {
    clearImmediate(this.timer);
    this.timer = undefined;
    this.waiting = undefined;
  }
}
