import { map, pipe } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { byTransaction, type ByTransactionOptions, type ChangeTransaction } from '../../src/by-transaction.js';

/** Marble letters: `a` to `e` are of transaction 1, `p` to `r` of transaction 2, `x` of transaction 3. */
export const eventOf = (id: string, number: number) =>
  changeEvent({
    id,
    transactionKey: `key-${number}`,
    commitNumber: 2n ** 60n + BigInt(number),
    commitTimestamp: number * 1000,
  });

/** The events of these letters. */
export const events: Record<string, ChangeEvent> = Object.fromEntries(
  Object.entries({ a: 1, b: 1, c: 1, d: 1, e: 1, p: 2, q: 2, r: 2, x: 3 }).map(([id, number]) => [
    id,
    eventOf(id, number),
  ]),
);

/** Events as their letters. */
export const lettersOf = (list: readonly ChangeEvent[]) => list.map(({ id }) => id).join('');

/** Such as `ab1!`: events a and b, as part 1, which is the last. */
export const shown = ({ events: list, part, complete }: ChangeTransaction) =>
  `${lettersOf(list)}${part}${complete ? '!' : ''}`;

/** The parts of transactions as texts. */
export const byTransactionShown = (options?: ByTransactionOptions) =>
  pipe(byTransaction<ChangeEvent>(options), map(shown));
