import { RecordIds } from '../../model/record-ids.js';

/** Gives ids to things of the org that have none, and keeps the ids while the things exist. */
export class ToolingIds {
  private readonly ids = new RecordIds(1);
  private known: ReadonlyMap<string, string> = new Map();

  /** @param keyPrefix - First three characters of the ids. */
  constructor(private readonly keyPrefix: string) {}

  /**
   * The ids of the current things, in order. A thing that was missing in between gets a new id.
   *
   * @param keys - The keys that identify the things.
   */
  of(keys: readonly string[]): string[] {
    this.known = new Map(keys.map((key) => [key, this.known.get(key) ?? this.ids.next(this.keyPrefix)]));
    return [...this.known.values()];
  }
}
