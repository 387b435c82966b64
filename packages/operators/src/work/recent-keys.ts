/** A bounded memory of notes on recent keys. The key that was not seen for the longest time is forgotten. */
export class RecentKeys<V extends object | string> {
  /** The notes by key, in the order in which the keys were last seen. */
  private readonly notes = new Map<string, V>();
  /** One iterator for all forgotten keys: a new iterator would have to step over all deleted ones. */
  private readonly oldest = this.notes.keys();

  /** @param size - Most keys remembered; at least 1, or `Infinity`. */
  constructor(private readonly size: number) {}

  /** How many keys are remembered. */
  get count(): number {
    return this.notes.size;
  }

  /** Sees a key, and returns its note if the key is remembered. */
  see(key: string): V | undefined {
    const note = this.notes.get(key);
    if (note !== undefined) this.set(key, note);
    return note;
  }

  /** Sees a key, and sets its note. */
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

  /** Replaces a key's note if it is still `note`, without seeing the key; `undefined` forgets the key. */
  replace(key: string, note: V, by: V | undefined): void {
    if (this.notes.get(key) !== note) return;
    if (by === undefined) this.notes.delete(key);
    else this.notes.set(key, by);
  }
}
