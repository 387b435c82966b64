import { ConfigurationError } from '@rxforce/core/model';
import type { FieldInput, RecordInput } from '../org/field-values.js';
import type { RecordOperations } from '../org/transaction.js';
import type { Org } from '../org/org.js';
import type { Random } from '../model/random.js';
import { FIELD_VALUES, type ValueMaker } from './values.js';

/** Most events that one change can make: the records of a bulk update, and the record they share. */
export const MOST_EVENTS_A_CHANGE = 6;
const MOST_RECORDS_IN_BULK = MOST_EVENTS_A_CHANGE - 1;
/** Most live records of one object that a load creates; beyond that it changes existing ones. */
const MOST_RECORDS = 5_000;
/** Most deleted records that a load remembers, to restore some of them. */
const MOST_DELETED = 1_000;
const FILLED = 0.7;
const EMPTIED = 0.06;

type Change = 'update' | 'create' | 'bulk-update' | 'transaction' | 'delete' | 'undelete';

/** The frequency of each kind of change, in percent. */
const MIX: readonly (readonly [Change, number])[] = [
  ['update', 66],
  ['create', 20],
  ['bulk-update', 5],
  ['transaction', 4],
  ['delete', 3],
  ['undelete', 2],
];

/** An object under load, and its records that the load has created. */
interface Target {
  readonly name: string;
  readonly makers: readonly (readonly [string, ValueMaker])[];
  live: string[];
  readonly deleted: string[];
}

/** Changes records as people and integrations do: mostly updates of few fields. */
export class ChangeMaker {
  private readonly targets: readonly Target[];

  /** @param entities - Objects to change; all objects of the org by default. */
  constructor(
    private readonly org: Org,
    private readonly random: Random,
    entities: readonly string[] = Object.keys(FIELD_VALUES),
  ) {
    this.targets = entities.map(targetOf);
    if (this.targets.length === 0) {
      throw new ConfigurationError('A load needs at least one object to change. Leave out `entities` to change all.');
    }
  }

  /**
   * Makes one change: up to {@link MOST_EVENTS_A_CHANGE} events, or none where someone else has changed its records.
   */
  change(): void {
    const target = this.random.pick(this.targets);
    switch (this.possible(target, this.choose())) {
      case 'update':
        return this.update(target, 1);
      case 'create':
        return this.create(this.org, target);
      case 'bulk-update':
        return this.update(target, 2 + this.random.below(MOST_RECORDS_IN_BULK - 1));
      case 'transaction':
        return this.transaction();
      case 'delete':
        return this.delete(target);
      case 'undelete':
        return this.undelete(target);
    }
  }

  /** Makes a change that is one event, or none where someone else has changed its record. */
  changeOnce(): void {
    const target = this.random.pick(this.targets);
    if (target.live.length === 0) {
      this.create(this.org, target);
    } else {
      this.update(target, 1);
    }
  }

  private choose(): Change {
    let point = this.random.next() * 100;
    return MIX.find(([, share]) => (point -= share) < 0)?.[0] ?? 'update';
  }

  /** Replaces a change that is impossible with the existing records by a possible one. */
  private possible({ live, deleted }: Target, change: Change): Change {
    switch (change) {
      case 'update':
      case 'delete':
        return live.length === 0 ? 'create' : change;
      case 'bulk-update':
        return live.length < MOST_RECORDS_IN_BULK ? 'create' : change;
      case 'create':
        return live.length >= MOST_RECORDS ? 'update' : change;
      case 'transaction':
        return live.length >= MOST_RECORDS ? 'update' : change;
      case 'undelete':
        return deleted.length === 0 ? (live.length === 0 ? 'create' : 'update') : change;
    }
  }

  private create(operations: RecordOperations, target: Target): void {
    const [name, ...others] = target.makers.map(([field, make]) => [field, make(this.random)] as const);
    const filled = others.filter(() => this.random.chance(FILLED));
    target.live.push(
      operations.create(target.name, Object.fromEntries(name === undefined ? filled : [name, ...filled])),
    );
  }

  private update(target: Target, count: number): void {
    const ids = new Set(Array.from({ length: count }, () => this.random.pick(target.live)));
    const values = this.someValues(target);
    if (!attempt(() => this.org.update(target.name, [...ids], values))) {
      target.live = target.live.filter((id) => !ids.has(id));
    }
  }

  /** Creates some related records at once. */
  private transaction(): void {
    const targets = new Set([0, 1, 2].map(() => this.random.pick(this.targets)));
    this.org.transaction((tx) => targets.forEach((target) => this.create(tx, target)));
  }

  private delete(target: Target): void {
    const id = takeAt(target.live, this.random.below(target.live.length));
    attempt(() => this.org.delete(target.name, id));
    target.deleted.push(id);
    if (target.deleted.length > MOST_DELETED) target.deleted.shift();
  }

  private undelete(target: Target): void {
    const id = takeAt(target.deleted, this.random.below(target.deleted.length));
    attempt(() => this.org.undelete(target.name, id));
    target.live.push(id);
  }

  private someValues({ makers }: Target): RecordInput {
    const count = 1 + this.random.below(3);
    const chosen = Array.from({ length: count }, () => this.random.below(makers.length));
    return Object.fromEntries(
      chosen.flatMap((index) => {
        const maker = makers[index];
        return maker === undefined ? [] : [[maker[0], this.newValue(index, maker[1])]];
      }),
    );
  }

  /** A new value; sometimes null, except for a name, and for a compound sometimes only one part. */
  private newValue(index: number, make: ValueMaker): FieldInput {
    if (index > 0 && this.random.chance(EMPTIED)) return null;
    const value = make(this.random);
    if (typeof value !== 'object' || value === null || value instanceof Date || this.random.chance(0.5)) return value;
    return Object.fromEntries([this.random.pick(Object.entries(value))]);
  }
}

/** Runs a change of records that may be gone, because others delete and undelete too. Returns whether it succeeded. */
function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof ConfigurationError) return false;
    throw error;
  }
}

function targetOf(name: string): Target {
  const makers = Object.hasOwn(FIELD_VALUES, name) ? FIELD_VALUES[name] : undefined;
  if (makers === undefined) {
    throw new ConfigurationError(
      `A load cannot change "${name}". It can change ${Object.keys(FIELD_VALUES).join(', ')}.`,
    );
  }
  return { name, makers: Object.entries(makers), live: [], deleted: [] };
}

/** Removes an id from a list whose order does not matter, and returns it. */
function takeAt(ids: string[], index: number): string {
  const taken = ids[index] ?? '';
  const last = ids.pop() ?? '';
  if (index < ids.length) ids[index] = last;
  return taken;
}
