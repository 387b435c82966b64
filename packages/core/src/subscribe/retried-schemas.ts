import { defer, tap } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import { retryTransient } from '../stream-life/retry-transient.js';
import type { Schemas } from './received.js';
import type { StreamContext } from './stream-context.js';

/** The rules for the fetches of one subscription, and their reports. */
export interface RetriedSchemasParts {
  /** How many fetches may fail in a row. */
  readonly maxAttempts: number;
  /** Whether a call of the subscription has worked. */
  readonly hasWorked: () => boolean;
  /** A fetch failed, this often in a row, and is tried again after a pause. */
  readonly waiting: (attempt: number, delayMs: number, cause: RxforceError) => void;
  /** A schema came after all. */
  readonly recovered: () => void;
}

/** Schemas whose fetch is tried again where that may help. */
export function retriedSchemas(
  context: Pick<StreamContext, 'schemas' | 'scheduler' | 'random'>,
  { maxAttempts, hasWorked, waiting, recovered }: RetriedSchemasParts,
): Schemas {
  const { schemas } = context;
  let hadSchema = false;
  return {
    known: (schemaId) => schemas.known(schemaId),
    load: (schemaId) => {
      let waited = false;
      const wait: typeof waiting = (...pause) => {
        waited = true;
        waiting(...pause);
      };
      return defer(() => schemas.load(schemaId)).pipe(
        retryTransient(context, wait, maxAttempts, () => hadSchema || hasWorked()),
        tap({ next: () => (hadSchema = true) }),
        tap({ complete: () => waited && recovered() }),
      );
    },
  };
}
