import { EMPTY, type Observable } from 'rxjs';
import { hold, joinHolds, type Hold, type OperatorRole } from '@rxforce/core/delivery';

/** A value that an operator keeps, with the claims on the events that it stands for. */
export class Kept<T> {
  private holds: Hold[];
  private joint: Hold | undefined;

  constructor(
    readonly value: T,
    held: Hold,
  ) {
    // On a source without deliveries there is no claim to keep, so memory does not grow.
    this.holds = held.state() === 'none' ? [] : [held];
  }

  /** One claim on all its events. */
  get held(): Hold {
    return (this.joint ??= joinHolds(this.holds));
  }

  /** The events of an older value settle together with this one's. The older value may stand for many values itself. */
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

/** The values that a subscription of an operator keeps, in their order. */
export class Keeper<T> {
  private readonly kept = new Set<Kept<T>>();

  /** @param pressed - Lets go of what it can; no more values come before it does. */
  constructor(
    private readonly role: OperatorRole,
    private readonly pressed?: () => void,
  ) {}

  /** Claims the event of a value that was just received. */
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

  /** All kept values, oldest first. */
  all(): Kept<T>[] {
    return [...this.kept];
  }

  /** The values up to and including `last`. */
  upTo(last: Kept<T>): Kept<T>[] {
    const upTo: Kept<T>[] = [];
    for (const kept of this.kept) {
      upTo.push(kept);
      if (kept === last) break;
    }
    return upTo;
  }

  /** One claim on the events of some values, without those that were let go of before. */
  heldOf(values: readonly Kept<T>[]): Hold {
    const [first, ...others] = values.filter((kept) => this.kept.has(kept)).map(({ held }) => held);
    return first !== undefined && others.length === 0 ? first : joinHolds(first ? [first, ...others] : []);
  }

  /** The same as `heldOf`, but the caller must release the claim. */
  letGo(values: readonly Kept<T>[]): Hold {
    const held = this.heldOf(values);
    values.forEach((kept) => this.kept.delete(kept));
    return held;
  }

  /** Releases these values: nothing more comes from them. */
  release(values: readonly Kept<T>[]): void {
    for (const kept of values) if (this.kept.delete(kept)) kept.held.release();
  }

  /** `older` will never be emitted, because `newer` has replaced it. */
  supersede(older: Kept<T>, newer: Kept<T>): void {
    if (this.kept.delete(older)) newer.standForOlder(older);
  }

  /** `newer` will never be emitted, because `older` is under work. */
  dropFor(newer: Kept<T>, older: Kept<T>): void {
    if (this.kept.delete(newer)) older.standForNewer(newer);
  }

  /** All other values will never be emitted, because `newer` has replaced them. */
  supersedeAllBy(newer: Kept<T>): void {
    for (const kept of this.kept) if (kept !== newer) this.supersede(kept, newer);
  }

  /** Another replica works on the value by now. Returns what comes of it here. */
  forsake(kept: Kept<T>): Observable<never> {
    if (this.kept.delete(kept)) kept.held.abandon();
    return EMPTY;
  }

  /** Gives up those of the values that another replica has by now. */
  dropLost(values: readonly Kept<T>[]): void {
    for (const kept of values) if (this.kept.has(kept) && kept.held.isLost()) this.forsake(kept);
  }

  abandon(): void {
    const all = this.all();
    this.kept.clear();
    for (const { held } of all) held.abandon();
  }
}
