import { hold, joinHolds, type Hold, type OperatorRole } from '@rxforce/core/delivery';

/** A value that an operator keeps, with the claims on the events that it stands for. */
export class Kept<T> {
  private holds: Hold[];
  private joint: Hold | undefined;

  constructor(
    readonly value: T,
    held: Hold,
  ) {
    // On a source without deliveries there is nothing to keep, so nothing grows.
    this.holds = held.state() === 'none' ? [] : [held];
  }

  /** One claim on all its events. */
  get held(): Hold {
    return (this.joint ??= joinHolds(this.holds));
  }

  /** The events of an older value settle together with this one's: of one that may stand for many itself. */
  standForOlder(older: Kept<T>): void {
    this.joint = undefined;
    older.holds.push(...this.holds);
    this.holds = older.holds;
  }

  /** The event of a newer value settles together with this one's. */
  standForNewer(newer: Kept<T>): void {
    this.joint = undefined;
    this.holds.push(...newer.holds);
  }
}

/** What a subscription of an operator keeps, in the order it came. */
export class Keeper<T> {
  private readonly kept = new Set<Kept<T>>();

  /** @param pressed - Lets go of what it can: no more values come before that. */
  constructor(
    private readonly role: OperatorRole,
    private readonly pressed?: () => void,
  ) {}

  /** Claims the event of a value that was received just now. */
  keep(value: T): Kept<T> {
    const held = hold(value, this.role);
    if (this.pressed) held.onPressure(this.pressed);
    const kept = new Kept(value, held);
    this.kept.add(kept);
    return kept;
  }

  has(kept: Kept<T>): boolean {
    return this.kept.has(kept);
  }

  /** All that is kept, oldest first. */
  all(): Kept<T>[] {
    return [...this.kept];
  }

  /** What came up to a value, and that value. */
  upTo(last: Kept<T>): Kept<T>[] {
    const upTo: Kept<T>[] = [];
    for (const kept of this.kept) {
      upTo.push(kept);
      if (kept === last) break;
    }
    return upTo;
  }

  /** One claim on the events of some values, without what was let go of before. */
  heldOf(values: readonly Kept<T>[]): Hold {
    const [first, ...others] = values.filter((kept) => this.kept.has(kept)).map(({ held }) => held);
    return first !== undefined && others.length === 0 ? first : joinHolds(first ? [first, ...others] : []);
  }

  /** The same, and it is the caller's to release it. */
  letGo(values: readonly Kept<T>[]): Hold {
    const held = this.heldOf(values);
    values.forEach((kept) => this.kept.delete(kept));
    return held;
  }

  /** Nothing more comes of these values. */
  release(values: readonly Kept<T>[]): void {
    for (const kept of values) if (this.kept.delete(kept)) kept.held.release();
  }

  /** `older` never will be emitted, because `newer` is there. */
  supersede(older: Kept<T>, newer: Kept<T>): void {
    if (this.kept.delete(older)) newer.standForOlder(older);
  }

  /** `newer` never will be emitted, because `older` is under work. */
  dropFor(newer: Kept<T>, older: Kept<T>): void {
    if (this.kept.delete(newer)) older.standForNewer(newer);
  }

  /** All others never will be emitted, because `newer` is there. */
  supersedeAllBy(newer: Kept<T>): void {
    for (const kept of this.kept) if (kept !== newer) this.supersede(kept, newer);
  }

  abandon(): void {
    const all = this.all();
    this.kept.clear();
    for (const { held } of all) held.abandon();
  }
}
