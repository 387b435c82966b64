import type { Failure } from './service-error.js';

/** The calls that are served. */
export const METHODS = ['Subscribe', 'GetTopic', 'GetSchema', 'Publish'] as const;

/** One of {@link METHODS}. */
export type Method = (typeof METHODS)[number];

/** An error that the next calls are answered with, whatever they ask. */
export interface PlannedAnswer {
  readonly failure: Failure;
  /** The method it is for, or any. */
  readonly method: Method | undefined;
  /** How many calls. */
  times: number;
}

/** Answers that were planned and not yet given, the oldest first. */
export class PlannedAnswers {
  readonly #coming: PlannedAnswer[] = [];

  /** Plans an answer, behind those that are there. */
  plan(answer: PlannedAnswer): void {
    this.#coming.push({ ...answer });
  }

  /** What to answer a call with, or `undefined` to serve it. */
  take(method: Method): Failure | undefined {
    const index = this.#coming.findIndex((each) => each.method === undefined || each.method === method);
    const answer = this.#coming[index];
    if (answer !== undefined && --answer.times === 0) {
      this.#coming.splice(index, 1);
    }
    return answer?.failure;
  }
}
