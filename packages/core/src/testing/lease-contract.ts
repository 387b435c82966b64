import type { Lease } from '../ports/lease.js';
import { contractCases, type ContractCase } from './contract.js';
import { CASES, CASES_OF_FAILURES } from './lease-cases.js';

/** How to get leases to test. */
export interface LeaseContractOptions {
  /** Opens a lease that nobody has held yet. Called once a case. */
  readonly open: () => Promise<Lease> | Lease;
  /**
   * Opens another lease over the same data, as another replica would. By default the lease is taken to be one that does
   * not outlive its object.
   */
  readonly reopen?: (lease: Lease) => Promise<Lease> | Lease;
  /** Lets so many milliseconds pass, as the service behind the lease counts them. It need not wait for so long. */
  readonly pass: (ms: number) => Promise<void> | void;
  /**
   * Makes the service behind the lease fail, until the case is over. The contract does not look at failures without it.
   *
   * @defaultValue none
   */
  readonly fail?: () => Promise<void> | void;
  /** Called at the end of each case. */
  readonly dispose?: () => Promise<void> | void;
}

/**
 * What every lease does, for any test runner:
 *
 * ```ts
 * for (const { name, run } of leaseContract({ open: () => myLease(), pass: (ms) => clock.pass(ms) })) it(name, run);
 * ```
 *
 * One replica holds it, until it releases it or its time is over; each holder has a larger token; a renewal gives it
 * its whole time again; who has lost it cannot take it from the next one; failures are rejections with a `LeaseError`.
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
