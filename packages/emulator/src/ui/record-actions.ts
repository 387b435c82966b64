import { ConfigurationError, jsonOf } from '@rxforce/core/model';
import { objectIn, problem, type PageAnswer, type PageRequest } from '@rxforce/live-page/page';
import type { RecordInput } from '../org/field-values.js';
import type { Org } from '../org/org.js';
import type { RecordOperations } from '../org/transaction.js';

/** Most records that are shown. */
const MOST_SHOWN = 100;
/** Deleted records that are remembered for each object. */
const MOST_DELETED = 50;

/** The records of the org, as its page shows and changes them. */
export class RecordActions {
  /** What was deleted on the page: the org lists no deleted records. */
  private readonly deleted = new Map<string, readonly string[]>();

  constructor(private readonly org: Org) {}

  /** The newest records of an object, and those that were deleted here. */
  list(entity: string): PageAnswer {
    return answered(() => {
      const records = this.org.records(entity);
      const newest = records.slice(-MOST_SHOWN).reverse();
      return { count: records.length, records: jsonOf(newest), deleted: this.deleted.get(entity) ?? [] };
    });
  }

  /** Changes records, as one transaction, which may come as gap events. */
  change(entity: string, request: PageRequest): PageAnswer {
    const { action, id, values = {}, asGaps = false } = objectIn(request) ?? {};
    const ids = typeof id === 'string' ? id : '';
    const work = workOf(String(action), entity, ids, values as RecordInput);
    if (work === undefined) return problem(400, 'Say { "action": "create", "update", "delete" or "undelete", … }.');
    return answered(() => {
      const result = this.org.transaction(work, { asGaps: asGaps === true });
      this.remember(String(action), entity, ids);
      return { result: result ?? null };
    });
  }

  private remember(action: string, entity: string, id: string): void {
    const others = (this.deleted.get(entity) ?? []).filter((each) => each !== id);
    if (action === 'delete') this.deleted.set(entity, [id, ...others].slice(0, MOST_DELETED));
    else this.deleted.set(entity, others);
  }
}

function workOf(action: string, entity: string, id: string, values: RecordInput) {
  const works: Readonly<Record<string, (tx: RecordOperations) => unknown>> = {
    create: (tx) => tx.create(entity, values),
    update: (tx) => tx.update(entity, id, values),
    delete: (tx) => tx.delete(entity, id),
    undelete: (tx) => tx.undelete(entity, id),
  };
  return Object.hasOwn(works, action) ? works[action] : undefined;
}

/** What the org refuses is said in its own words. */
export function answered(work: () => unknown): PageAnswer {
  try {
    return { type: 'json', body: work() };
  } catch (error) {
    if (ConfigurationError.is(error)) return problem(400, error.message);
    throw error;
  }
}
