/** Something that is sent, known by the ids of its events. */
export interface Sendable {
  readonly ids: readonly string[];
}

/** The requests that were sent and not answered, and those that must be sent again: each in order. Pure. */
export class InFlight<B extends Sendable> {
  private unanswered: B[] = [];
  private again: B[] = [];

  /** How many are on their way. */
  get count(): number {
    return this.unanswered.length;
  }

  /** Whether some must be sent again, before anything else is. */
  get hasAgain(): boolean {
    return this.again.length > 0;
  }

  /** The next that must be sent again. */
  takeAgain(): B | undefined {
    return this.again.shift();
  }

  sent(request: B): void {
    this.unanswered.push(request);
  }

  /**
   * The request that an answer is to: answers come in the order of the requests, so the first that has these ids.
   * `undefined` where there is none.
   */
  answered(ids: readonly string[]): B | undefined {
    const index = this.unanswered.findIndex((request) => areEqual(request.ids, ids));
    return index < 0 ? undefined : this.unanswered.splice(index, 1)[0];
  }

  /** The stream broke: takes those that were not answered. */
  takeUnanswered(): readonly B[] {
    const lost = this.unanswered;
    this.unanswered = [];
    return lost;
  }

  /** Has requests that a broken stream did not answer sent again; they are older than those that waited for it already. */
  sendAgain(lost: readonly B[]): void {
    this.again = [...lost, ...this.again];
  }
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((id, index) => id === others[index]);
}
