import { DeadLetterQueueError } from '@rxforce/core/model';

/** The required fields of a kept letter. */
export interface KeptLetter {
  readonly id: string;
  readonly lastFailedAt: number;
  /** Whether a taker works on the letter. */
  isTaken: boolean;
}

/** Letters, by id and in order. */
export class KeptLetters<L extends KeptLetter> {
  private readonly byId = new Map<string, L>();
  /** All kept letters, and some that are no longer kept, so that forgetting a letter needs no search. */
  private list: L[] = [];
  private isSorted = true;

  /** @param compare - The order; it must compare by `lastFailedAt` first. */
  constructor(private readonly compare: (a: L, b: L) => number) {}

  get size(): number {
    return this.byId.size;
  }

  get(id: string): L | undefined {
    return this.byId.get(id);
  }

  /** Keeps a letter, and replaces the one with the same id. */
  add(letter: L): void {
    const last = this.list.at(-1);
    this.isSorted &&= last === undefined || this.compare(last, letter) <= 0;
    this.byId.set(letter.id, letter);
    this.list.push(letter);
    this.sweep();
  }

  /** Forgets a letter, unless another one has replaced it. */
  delete(letter: L | undefined): void {
    if (!letter || !this.isKept(letter)) return;
    this.byId.delete(letter.id);
    this.sweep();
  }

  /** The letters whose last failure was before a time, in order. */
  *inOrder(failedBefore = Infinity): Generator<L> {
    if (!this.isSorted) this.list = this.list.filter((each) => this.isKept(each)).sort(this.compare);
    this.isSorted = true;
    for (const letter of this.list) {
      // Written this way so that no letter is before NaN.
      if (!(letter.lastFailedAt < failedBefore)) return;
      if (this.isKept(letter)) yield letter;
    }
  }

  /** The first letters without a taker. */
  free(limit: number, failedBefore?: number): L[] {
    const found: L[] = [];
    for (const letter of this.inOrder(failedBefore)) {
      if (found.length >= limit) break;
      if (!letter.isTaken) found.push(letter);
    }
    return found;
  }

  /** Lets a letter be taken again. */
  release(id: string): void {
    const letter = this.byId.get(id);
    if (letter) letter.isTaken = false;
  }

  private sweep(): void {
    if (this.list.length > 2 * this.byId.size + 16) this.list = this.list.filter((each) => this.isKept(each));
  }

  private isKept(letter: L): boolean {
    return this.byId.get(letter.id) === letter;
  }
}

/**
 * Checks the limit of `take`.
 *
 * @throws `DeadLetterQueueError` when it is not a valid limit.
 */
export function checkLimit(limit: unknown): void {
  if (limit === Infinity || (Number.isInteger(limit) && (limit as number) >= 1)) return;
  throw new DeadLetterQueueError(
    `take() got limit ${String(limit)}, but it must be a whole number of at least 1, or Infinity.`,
    { retriable: false },
  );
}
