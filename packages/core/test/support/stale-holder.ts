import { expect } from 'chai';
import type { HeldLease, ReplayStore } from '@rxforce/core';
import { countOf, expectRejection, idOf, KEY } from './stored-positions.js';

/**
 * Checks that a store refuses what the holder of a lease saves once it has lost it.
 *
 * @param stores - The holder's, and the next one's.
 */
export async function refusesStaleHolder(
  [first, second]: readonly [ReplayStore, ReplayStore],
  acquire: () => Promise<HeldLease>,
  expired: () => Promise<unknown>,
): Promise<void> {
  const stale = await acquire();
  await first.save(KEY, idOf(1), stale.token);
  await expired();
  const next = await acquire();
  await second.save(KEY, idOf(2), next.token);
  await expectRejection(first.save(KEY, idOf(3), stale.token), {
    code: 'position-in-use',
    retriable: false,
    says: /passed to another replica/,
  });
  expect(countOf(await first.load(KEY))).to.equal(2);
}
