import type { Subscriber } from 'rxjs';
import { DeliveryFailedError, type RxforceError } from '../model/errors.js';
import type { Delivery, DeliveryOutcome, Hold, HoldState } from './delivery.js';
import { emitInScope } from './emit-in-scope.js';
import type { OperatorRole } from './operator-role.js';
import { NO_HOLD } from './no-hold.js';

/**
 * Joins several holds into one, for an operator whose value comes from several events. A value emitted through the
 * joint hold is in the scope of all of them, and its release releases all of them.
 *
 * @param holds - The holds. From now on, use them only through the joint hold.
 */
export function joinHolds(holds: readonly Hold[]): Hold {
  const real = holds.filter((hold) => hold.state() !== 'none');
  const [first = NO_HOLD] = real;
  return real.length > 1 ? new JointHold(real) : first;
}

class JointHold implements Hold {
  private ended: 'released' | 'dropped' | undefined;

  /** @param joint - Made at its first use, as many joint holds are only released. */
  constructor(
    private readonly holds: readonly Hold[],
    private joint?: JointDelivery,
  ) {}

  emit<T>(subscriber: Subscriber<T>, value: T): void {
    if (this.state() === 'released') throw emitAfterRelease();
    if (!emitInScope(this.delivery(), subscriber, value)) this.abandon();
  }

  release(): void {
    this.end('released', (hold) => hold.release());
  }

  fail(error: unknown): void {
    this.end('dropped', (hold) => hold.fail(error));
  }

  abandon(running?: PromiseLike<unknown>): void {
    this.end('dropped', (hold) => hold.abandon(running));
  }

  onEnded(listener: (outcome: DeliveryOutcome) => void): void {
    const outcomes: DeliveryOutcome[] = [];
    const note = (outcome: DeliveryOutcome) => {
      outcomes.push(outcome);
      if (outcomes.length === this.holds.length) listener(outcomes.includes('unsettled') ? 'unsettled' : 'settled');
    };
    this.holds.forEach((hold) => hold.onEnded(note));
  }

  onPressure(flush: () => void): void {
    this.holds.forEach((hold) => hold.onPressure(flush));
  }

  track(running: PromiseLike<unknown>): void {
    this.holds.forEach((hold) => hold.track(running));
  }

  /** Only where all of them are: the work for the others is to be done. */
  isLost(): boolean {
    return this.holds.every((hold) => hold.isLost());
  }

  state(): HoldState {
    if (this.ended) return this.ended;
    const first = this.holds[0]?.state() ?? 'open';
    return this.holds.every((hold) => hold.state() === first) ? first : 'open';
  }

  delivery(): Delivery {
    return (this.joint ??= new JointDelivery(this.holds));
  }

  private end(state: 'released' | 'dropped', each: (hold: Hold) => void): void {
    if (this.ended) return;
    this.ended = state;
    this.holds.forEach(each);
  }
}

/** The delivery in scope while a joint hold emits. */
class JointDelivery implements Delivery {
  readonly payload = undefined;

  private readonly events: readonly Delivery[];
  /** Made at its first use, as the holder of a batch asks for each of its events. */
  private known: ReadonlySet<Delivery> | undefined;

  constructor(holds: readonly Hold[]) {
    const parts: Delivery[] = [];
    for (const hold of holds) {
      const delivery = hold.delivery();
      if (delivery) parts.push(...delivery.parts());
    }
    this.events = parts;
  }

  get takings(): number {
    return this.events.reduce((sum, { takings }) => sum + takings, 0);
  }

  hold(role?: OperatorRole): Hold {
    const holds = this.events.map((part) => part.hold(role));
    return new JointHold(holds, this);
  }

  take(by: 'operator' | 'subscriber'): void {
    this.events.forEach((part) => part.take(by));
  }

  left(): void {
    this.events.forEach((part) => part.left());
  }

  withheld(operator: object): void {
    this.events.forEach((part) => part.withheld(operator));
  }

  doubt(): void {
    this.events.forEach((part) => part.doubt());
  }

  parts(): readonly Delivery[] {
    return this.events;
  }

  isBeside(other: Delivery): boolean {
    return this.events.some((part) => part.isBeside(other));
  }

  get claims(): number {
    return this.events.reduce((sum, { claims }) => sum + claims, 0);
  }

  guard(check: () => unknown): void {
    this.events.forEach((part) => part.guard(check));
  }

  covers(other: Delivery): boolean {
    this.known ??= new Set(this.events);
    if (this.known.has(other)) return true;
    if (other instanceof JointDelivery) return other.events.every((part) => this.covers(part));
    // A part of another copy of this package may be several events.
    return this.events.some((part) => part.covers(other));
  }

  ended(): boolean {
    return this.events.every((part) => part.ended());
  }

  isLost(): boolean {
    return this.events.every((part) => part.isLost());
  }

  reportEarlySettlement(beside: 'alone' | 'among-others'): void {
    this.events.forEach((part) => part.reportEarlySettlement(beside));
  }
}

/** The error that `emit` throws after the hold was released. */
export function emitAfterRelease(): RxforceError {
  return new DeliveryFailedError(
    'emit() was called on a hold after its release(). Emit first: what follows a release is not protected from loss.',
  );
}
