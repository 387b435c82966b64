/** A bounded memory: what was noted of the keys seen last. The key that was not seen for the longest time is forgotten. */
export class RecentKeys<V extends object | string> {
  /** In the order in which they were last seen. */
  private readonly notes = new Map<string, V>();
  /** Goes on for ever, from one key forgotten to the next: a new iterator would have to step over all the deleted ones. */
  private readonly oldest = this.notes.keys();

  /** @param size - Most keys remembered; at least 1, or `Infinity`. */
  constructor(private readonly size: number) {}

  /** How many keys are remembered. */
  get count(): number {
    return this.notes.size;
  }

  /** Sees a key: gives what was noted of it, if it is remembered. */
  see(key: string): V | undefined {
    const note = this.notes.get(key);
    if (note !== undefined) this.set(key, note);
    return note;
  }

  /** Sees a key, and notes something of it. */
  set(key: string, note: V): void {
    this.notes.delete(key);
    this.notes.set(key, note);
    if (this.notes.size <= this.size) return;
    const { value } = this.oldest.next();
    if (value !== undefined) this.notes.delete(value);
  }

  /** Forgets a key. */
  forget(key: string): void {
    this.notes.delete(key);
  }

  /** Changes what was noted of a key, if that is still `note`, without seeing the key; forgets the key for `undefined`. */
  replace(key: string, note: V, by: V | undefined): void {
    if (this.notes.get(key) !== note) return;
    if (by === undefined) this.notes.delete(key);
    else this.notes.set(key, by);
  }
}
