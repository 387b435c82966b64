import assert from 'node:assert/strict';
import { kindOf } from '../model/answer.js';
import { LeaseError } from '../model/errors.js';
import { acquiredAnswer, renewedAnswer } from '../ports/lease-answers.js';
import type { HeldLease, Lease } from '../ports/lease.js';
import type { PositionKey } from '../ports/replay-store.js';
import type { ContractTests } from './contract.js';

/** The parts of a case. */
export interface LeaseParts {
  readonly lease: Lease;
  /** Another lease over the same data, where there can be one. */
  readonly again: Lease;
  /** Lets so many milliseconds pass. */
  readonly pass: (ms: number) => Promise<void>;
  /** Makes the service behind the leases fail. */
  readonly fail: () => Promise<void>;
}

const KEY: PositionKey = { organizationId: '00D000000000001', topic: '/data/AccountChangeEvent', name: 'crm-sync' };

/** The cases for every lease. */
export const CASES: ContractTests<LeaseParts> = {
  'says how long it is held': ({ lease, again }) => {
    for (const { ttlMs } of [lease, again]) assert.ok(Number.isFinite(ttlMs) && ttlMs > 0, `has the ttlMs ${ttlMs}`);
    return Promise.resolve();
  },

  'is held by one, when many ask at the same time': async ({ lease, again }) => {
    const asked = await Promise.all([lease, again, lease, again, lease].map((each) => acquired(each)));
    assert.equal(asked.filter((held) => held !== undefined).length, 1);
  },

  'is held by the next, when it was released': async ({ lease, again }) => {
    const first = await held(lease);
    await assertTaken(again);
    await first.release();
    await held(again);
    await assertTaken(lease);
  },

  'has a larger token with each holder': async ({ lease, again }) => {
    let last = -Infinity;
    for (let count = 0; count < 20; count++) {
      const next = await held(count % 2 === 0 ? lease : again);
      assert.ok(next.token > last, `has the token ${next.token} after ${last}`);
      last = next.token;
      await next.release();
    }
  },

  'is held by the next, when its time is over without a renewal, and has a larger token': async (parts) => {
    const { lease, again, pass } = parts;
    const first = await held(lease);
    await pass(lease.ttlMs * 0.75);
    await assertTaken(again);
    await pass(lease.ttlMs * 0.5);
    const second = await held(again);
    assert.ok(second.token > first.token, `has the token ${second.token} after ${first.token}`);
  },

  'is held for its whole time again, when it is renewed': async ({ lease, again, pass }) => {
    const first = await held(lease);
    for (let count = 0; count < 5; count++) {
      await pass(lease.ttlMs * 0.75);
      assert.equal(await renewed(first), true);
      await assertTaken(again);
    }
    await pass(lease.ttlMs * 1.25);
    await held(again);
  },

  'is lost, when its time is over and another has it': async ({ lease, again, pass }) => {
    const first = await held(lease);
    await pass(lease.ttlMs * 1.25);
    const second = await held(again);
    assert.equal(await renewed(first), false);
    assert.equal(await renewed(second), true);
  },

  'is lost, when it was released': async ({ lease, again }) => {
    const first = await held(lease);
    await first.release();
    assert.equal(await renewed(first), false);
    await held(again);
  },

  'stays with its holder, when one that has lost it releases it': async ({ lease, again, pass }) => {
    const first = await held(lease);
    await pass(lease.ttlMs * 1.25);
    const second = await held(again);
    for (let count = 0; count < 2; count++) await first.release();
    await assertTaken(lease);
    assert.equal(await renewed(second), true);
  },

  'is one for each org, topic and name': async ({ lease, again }) => {
    const keys = [
      KEY,
      { ...KEY, organizationId: '00D000000000002' },
      { ...KEY, topic: '/data/ContactChangeEvent' },
      ...['', 'CRM-sync', 'crm-sync:lease', 'crm'].map((name) => ({ ...KEY, name })),
    ];
    for (const key of keys) await held(lease, key);
    for (const key of keys) await assertTaken(again, key);
  },
};

/** The cases of a failing service. */
export const CASES_OF_FAILURES: ContractTests<LeaseParts> = {
  'rejects with a LeaseError, when it cannot be asked for': async ({ lease, fail }) => {
    await fail();
    await assertFails(() => acquired(lease));
  },

  'rejects with a LeaseError, when it cannot be renewed': async ({ lease, fail }) => {
    const first = await held(lease);
    await fail();
    await assertFails(() => renewed(first));
  },
};

async function acquired(lease: Lease, key = KEY): Promise<HeldLease | undefined> {
  return acquiredAnswer(await lease.acquire(key));
}

async function held(lease: Lease, key = KEY): Promise<HeldLease> {
  return (await acquired(lease, key)) ?? assert.fail(`is not given, though it is free: ${JSON.stringify(key)}`);
}

async function renewed(lease: HeldLease): Promise<boolean> {
  return renewedAnswer(await lease.renew());
}

async function assertTaken(lease: Lease, key = KEY): Promise<void> {
  assert.equal(await acquired(lease, key), undefined, 'is held twice');
}

async function assertFails(call: () => Promise<unknown>): Promise<void> {
  const error = await call().then(
    () => assert.fail('did not reject'),
    (thrown: unknown) => thrown,
  );
  if (!LeaseError.is(error)) assert.fail(`rejects with no LeaseError, but with ${kindOf(error)}`);
}
