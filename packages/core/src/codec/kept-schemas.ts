import type { EventSchema } from './event-schema.js';

/** How many schemas are kept however long ago they were used. A schema with its decoders takes some 0.2 MB. */
const MAX_IDLE = 32;
/** Most schemas kept: more types of events than most orgs have. */
const MAX = 1_000;
/** How long a schema must be unused to count as idle, in milliseconds. */
const IDLE_MS = 300_000;

interface Kept {
  readonly schema: EventSchema;
  /** The number of its last use, among all uses. */
  lastUse: number;
}

/**
 * The schemas in use, and the newest of the others. Each change of an object's definition makes a new schema, so a
 * process that runs for weeks would otherwise keep more and more.
 *
 * A schema that an event named within the last minutes is not dropped, unless there are more than 1,000 of them. A
 * dropped schema can be fetched again.
 */
export class KeptSchemas {
  private readonly kept = new Map<string, Kept>();
  private uses = 0;
  private usesAtLook = 0;
  private lookedAt: number;

  /** @param now - The time, in milliseconds. Asked when a schema is added, and not for each event. */
  constructor(private readonly now: () => number) {
    this.lookedAt = now();
  }

  /** The schema, which counts as used. */
  get(schemaId: string): EventSchema | undefined {
    const kept = this.kept.get(schemaId);
    if (kept === undefined) return undefined;
    kept.lastUse = ++this.uses;
    return kept.schema;
  }

  /** Keeps a schema, which is about to be used, and drops others. */
  add(schema: EventSchema): void {
    this.kept.delete(schema.id);
    const now = this.now();
    if (now - this.lookedAt >= IDLE_MS) {
      this.dropDownTo(MAX_IDLE, this.usesAtLook);
      this.lookedAt = now;
      this.usesAtLook = this.uses;
    }
    this.dropDownTo(MAX, this.usesAtLook);
    if (this.kept.size >= MAX) this.dropLastAdded();
    this.kept.set(schema.id, { schema, lastUse: ++this.uses });
  }

  /**
   * All are in use. Where events of so many types come round and round, what was added last is needed last: were the
   * one that was not used for the longest time dropped instead, each event's schema would have to be fetched.
   */
  private dropLastAdded(): void {
    const last = [...this.kept.keys()].at(-1);
    if (last !== undefined) this.kept.delete(last);
  }

  /** Drops until there is room for one more, those first whose last use is the longest ago. */
  private dropDownTo(most: number, lastUse: number): void {
    if (this.kept.size < most) return;
    const byUse = [...this.kept].sort(([, one], [, other]) => one.lastUse - other.lastUse);
    for (const [schemaId, kept] of byUse) {
      if (this.kept.size < most || kept.lastUse > lastUse) return;
      this.kept.delete(schemaId);
    }
  }
}
