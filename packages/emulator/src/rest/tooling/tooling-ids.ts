import { RecordIds } from '../../model/record-ids.js';

/** Gives ids to things of the org that have none there, and keeps them as long as the things are there. */
export class ToolingIds {
  private readonly ids = new RecordIds(1);
  private known: ReadonlyMap<string, string> = new Map();

  /** @param keyPrefix - First three characters of the ids. */
  constructor(private readonly keyPrefix: string) {}

  /**
   * The ids of what is there now, in order. Something that was away in between has another one.
   *
   * @param keys - What tells one thing from the other.
   */
  of(keys: readonly string[]): string[] {
    this.known = new Map(keys.map((key) => [key, this.known.get(key) ?? this.ids.next(this.keyPrefix)]));
    return [...this.known.values()];
  }
}
