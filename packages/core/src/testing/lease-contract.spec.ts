import { expect } from 'chai';
import { LeaseError } from '../model/errors.js';
import { Ok } from '../model/result.js';
import type { HeldLease, Lease } from '../ports/lease.js';
import type { PositionKey } from '../ports/replay-store.js';
import { leaseContract } from './lease-contract.js';

/** Which row of its table a lease is. */
type RowOf = (key: PositionKey) => string;

/** A lease over a table in memory, with a clock and failures of its own. */
class Table {
  now = 0;
  isDown = false;
  failure: Error = new LeaseError('down');
  private readonly rows = new Map<string, { token: number; until: number }>();

  lease(rowOf: RowOf = (key) => JSON.stringify(Object.values(key))): Lease {
    return {
      ttlMs: 1_000,
      acquire: (key) =>
        this.answer(() => {
          const row = rowOf(key);
          const { token, until } = this.row(row);
          return until > this.now ? undefined : this.held(row, token + 1);
        }),
    };
  }

  private held(row: string, token: number): HeldLease {
    const isHeld = () => this.row(row).token === token && this.row(row).until > this.now;
    const holdFor = (ms: number) => {
      this.rows.set(row, { token, until: this.now + ms });
      return true;
    };
    holdFor(1_000);
    return {
      token,
      renew: () => this.answer(() => isHeld() && holdFor(1_000)),
      release: () =>
        this.answer(() => {
          if (isHeld()) holdFor(0);
        }),
    };
  }

  private row(id: string): { token: number; until: number } {
    return this.rows.get(id) ?? { token: 0, until: 0 };
  }

  private answer<T>(work: () => T): Promise<T> {
    return this.isDown ? Promise.reject(this.failure) : Promise.resolve(work());
  }
}

/** The cases that a lease fails. */
async function failedBy(open: (table: Table) => Lease): Promise<string[]> {
  let table = new Table();
  const cases = leaseContract({
    open: () => open((table = new Table())),
    pass: (ms) => void (table.now += ms),
    fail: () => void (table.isDown = true),
  });
  const failed: string[] = [];
  for (const { name, run } of cases) await run().catch(() => failed.push(name));
  return failed;
}

/** A lease whose holders are another's, changed. */
const holding = (change: (held: HeldLease, table: Table) => Partial<HeldLease>) => (table: Table) => {
  const good = table.lease();
  const acquire = async (key: PositionKey) => {
    const held = await good.acquire(key);
    return held && { ...held, ...change(held, table) };
  };
  return { ...good, acquire };
};

describe('leaseContract', () => {
  it('is kept by a lease over a table', async () => {
    expect(await failedBy((table) => table.lease())).to.deep.equal([]);
  });

  const broken: [string, (table: Table) => Lease, RegExp][] = [
    [
      'is held by everybody',
      (table) => ({ ...table.lease(), acquire: (key) => new Table().lease().acquire(key) }),
      /many/,
    ],
    ['is given to nobody', () => ({ ttlMs: 1, acquire: () => Promise.resolve(undefined) }), /was released/],
    ['has no time', (table) => ({ ...table.lease(), ttlMs: NaN }), /how long/],
    ['has the same token again', holding(() => ({ token: 1 })), /larger token with each holder/],
    ['lasts for ever', (table) => ({ ...table.lease(), ttlMs: 1 }), /when its time is over without a renewal/],
    ['ends too soon', (table) => ({ ...table.lease(), ttlMs: 5_000 }), /when its time is over without a renewal/],
    ['is not renewed', holding(() => ({ renew: () => Promise.resolve(true) })), /whole time again/],
    ['is never lost', holding(() => ({ renew: () => Promise.resolve(true) })), /and another has it/],
    [
      'is renewed when it was released',
      holding(() => ({ renew: () => Promise.resolve(true) })),
      /is lost, when it was released/,
    ],
    ['is not released', holding(() => ({ release: () => Promise.resolve() })), /by the next, when it was released/],
    ['resolves results', holding(() => ({ renew: () => Promise.resolve(Ok(true)) as never })), /whole time again/],
    ['is one for all names', (table) => table.lease(({ topic }) => topic), /each org, topic and name/],
    ['is one for all topics', (table) => table.lease(({ name, organizationId }) => name + organizationId), /each org/],
    [
      'rejects with another error',
      (table) => ((table.failure = new Error('no')), table.lease()),
      /cannot be asked for/,
    ],
    [
      'says nothing of failures',
      (table) => {
        const good = table.lease();
        return { ...good, acquire: (key) => good.acquire(key).catch(() => undefined) };
      },
      /cannot be asked for/,
    ],
    [
      'takes a renewal that failed for a loss',
      holding(({ renew }) => ({ renew: () => renew().catch(() => false) })),
      /cannot be renewed/,
    ],
    [
      'is taken from the next by who has lost it',
      (table) => {
        const good = table.lease();
        let current: HeldLease | undefined;
        return {
          ...good,
          acquire: async (key) => {
            const held = await good.acquire(key);
            if (held) current = held;
            return held && { ...held, release: async () => current?.release() };
          },
        };
      },
      /stays with its holder/,
    ],
  ];
  for (const [what, open, expected] of broken) {
    it(`fails a lease that ${what}`, async () => {
      expect((await failedBy(open)).join('\n')).to.match(expected);
    });
  }

  it('does not look at failures, where there is no way to make them', () => {
    const names = leaseContract({ open: () => new Table().lease(), pass: () => undefined }).map(({ name }) => name);
    expect(names.join()).to.include('is held by one').and.not.include('LeaseError');
  });

  it('opens another lease over the same data, and disposes of both, also when a case failed', async () => {
    let opened = 0;
    let disposed = 0;
    const cases = leaseContract({
      open: () => ({ ttlMs: 1, acquire: () => Promise.reject(new LeaseError('no')) }),
      reopen: (lease) => ((opened += 1), lease),
      pass: () => undefined,
      dispose: () => void (disposed += 1),
    });
    for (const { run } of cases) await run().catch(() => undefined);
    expect([opened, disposed]).to.deep.equal([cases.length, cases.length]);
  });
});
