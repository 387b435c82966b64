import type { ReplayStore } from '../ports/replay-store.js';
import { contractCases, type ContractCase } from './contract.js';
import { CASES, CASES_OF_LOCKS, CASES_WITHOUT_LOCKS } from './replay-store-cases.js';

/** How to make the stores to test. */
export interface ReplayStoreContractOptions {
  /** Opens a store that holds nothing yet. Called once for each case. */
  readonly open: () => Promise<ReplayStore> | ReplayStore;
  /**
   * Opens another store over the same data, as another process would. Without it, the store counts as one that does not
   * outlive its object.
   */
  readonly reopen?: (store: ReplayStore) => Promise<ReplayStore> | ReplayStore;
  /** Called at the end of each case. */
  readonly dispose?: () => Promise<void> | void;
  /**
   * Whether the store must have `lock`.
   *
   * @defaultValue `true`
   */
  readonly locks?: boolean;
}

/**
 * The contract of a replay store, for any test runner:
 *
 * ```ts
 * for (const { name, run } of replayStoreContract({ open: () => myStore() })) it(name, run);
 * ```
 */
export function replayStoreContract(options: ReplayStoreContractOptions): readonly ContractCase[] {
  const { open, reopen, dispose, locks = true } = options;
  const openBoth = async () => {
    const store = await open();
    return { store, again: (await reopen?.(store)) ?? store };
  };
  return contractCases({ ...CASES, ...(locks ? CASES_OF_LOCKS : CASES_WITHOUT_LOCKS) }, openBoth, dispose);
}
