/** A request, identified by the ids of its events. */
export interface Sendable {
  readonly ids: readonly string[];
}

/** The requests that were sent and not answered, and those that must be sent again, each in order. Pure. */
export class InFlight<B extends Sendable> {
  private unanswered: B[] = [];
  private again: B[] = [];

  /** How many requests are in flight. */
  get count(): number {
    return this.unanswered.length;
  }

  /** Whether some requests must be sent again, before any others. */
  get hasAgain(): boolean {
    return this.again.length > 0;
  }

  /** The next request that must be sent again. */
  takeAgain(): B | undefined {
    return this.again.shift();
  }

  sent(request: B): void {
    this.unanswered.push(request);
  }

  /**
   * The request of an answer. Answers come in the order of the requests, so it is the first with these ids. Where the
   * service has left out or repeated some, it is the first with one of them. Where it names none, it is the oldest.
   * `undefined` where there is none.
   */
  answered(ids: readonly string[]): B | undefined {
    const exact = this.unanswered.findIndex((request) => areEqual(request.ids, ids));
    const index = exact < 0 ? this.similar(ids) : exact;
    return index < 0 ? undefined : this.unanswered.splice(index, 1)[0];
  }

  private similar(ids: readonly string[]): number {
    const named = ids.filter((id) => id !== '');
    if (named.length === 0) return this.unanswered.length > 0 ? 0 : -1;
    const some = new Set(named);
    return this.unanswered.findIndex((request) => request.ids.some((id) => some.has(id)));
  }

  /** Takes the requests without an answer, as the stream broke. */
  takeUnanswered(): readonly B[] {
    const lost = this.unanswered;
    this.unanswered = [];
    return lost;
  }

  /**
   * Marks requests that a broken stream did not answer, to be sent again. They are older than those that already wait
   * for that.
   */
  sendAgain(lost: readonly B[]): void {
    this.again = [...lost, ...this.again];
  }
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((id, index) => id === others[index]);
}
