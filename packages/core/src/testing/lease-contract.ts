import type { Lease } from '../ports/lease.js';
import { contractCases, type ContractCase } from './contract.js';
import { CASES, CASES_OF_FAILURES } from './lease-cases.js';

/** How to make the leases to test. */
export interface LeaseContractOptions {
  /** Opens a lease that nobody has held yet. Called once for each case. */
  readonly open: () => Promise<Lease> | Lease;
  /**
   * Opens another lease over the same data, as another replica would. Without it, the lease counts as one that does not
   * outlive its object.
   */
  readonly reopen?: (lease: Lease) => Promise<Lease> | Lease;
  /** Lets so many milliseconds pass, as the service behind the lease counts them. It need not wait that long. */
  readonly pass: (ms: number) => Promise<void> | void;
  /**
   * Makes the service behind the lease fail, until the case is over. Without it, the contract does not check failures.
   *
   * @defaultValue none
   */
  readonly fail?: () => Promise<void> | void;
  /** Called at the end of each case. */
  readonly dispose?: () => Promise<void> | void;
}

/**
 * The contract of a lease, for any test runner:
 *
 * ```ts
 * for (const { name, run } of leaseContract({ open: () => myLease(), pass: (ms) => clock.pass(ms) })) it(name, run);
 * ```
 *
 * One replica holds the lease, until it releases the lease or its time is over. Each holder has a larger token. A
 * renewal gives the lease its whole time again. A holder that has lost the lease cannot take it from the next one.
 * Failures are rejections with a `LeaseError`.
 */
export function leaseContract(options: LeaseContractOptions): readonly ContractCase[] {
  const { open, reopen, pass, fail = () => undefined, dispose } = options;
  const openAll = async () => {
    const lease = await open();
    const again = (await reopen?.(lease)) ?? lease;
    return { lease, again, pass: async (ms: number) => pass(ms), fail: async () => fail() };
  };
  return contractCases({ ...CASES, ...(options.fail && CASES_OF_FAILURES) }, openAll, dispose);
}
