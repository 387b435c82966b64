import { SteppedTime } from './stepped-time.js';
import type { LeaseError } from '../../src/model/errors.js';
import { Ok, type Result } from '../../src/model/result.js';
import type { HeldLease } from '../../src/ports/lease.js';
import { LeaseKeeper } from '../../src/position/lease-keeper.js';

/** What a lease answers. */
export type Answer<T> = Result<T, LeaseError> | Promise<Result<T, LeaseError>>;

/** Some position. */
export const KEY = { organizationId: '00D000000000001', topic: '/data/ThingChangeEvent', name: 'default' };

/** A keeper of a lease of one second, and a service that answers as the test says. */
export class Bench {
  readonly time = new SteppedTime();
  readonly told: string[] = [];
  readonly calls: string[] = [];
  readonly keeper: LeaseKeeper;
  /** What becomes of the calls. With an `Err`, a call rejects with what it holds. */
  onAcquire: () => Answer<boolean> = () => Ok(true);
  onRenew: () => Answer<boolean> = () => Ok(true);
  /** What `acquire` and `renew` resolve instead, whatever it is. */
  acquireGives: { readonly answer: unknown } | undefined;
  renewGives: { readonly answer: unknown } | undefined;
  acquireThrows: Error | undefined;
  onLost: () => void = () => undefined;
  private tokens = 0;

  constructor() {
    const lease = {
      ttlMs: 1_000,
      acquire: () => {
        if (this.acquireThrows) throw this.acquireThrows;
        return this.acquire();
      },
    };
    this.keeper = new LeaseKeeper({ scheduler: this.time, random: () => 1 }, lease, KEY, {
      standby: () => this.tell('standby'),
      acquired: (token) => this.tell(`acquired ${token}`),
      lost: () => {
        this.tell('lost');
        this.onLost();
      },
      waiting: (attempt, delayMs, cause) => this.tell(`waiting ${attempt} ${delayMs} ${cause.message}`),
      failed: (error) => this.tell(`failed ${error.message}`),
    });
  }

  async started(passMs = 0): Promise<this> {
    this.keeper.start();
    await this.time.pass(passMs);
    return this;
  }

  /** Timers that wait. */
  get timers(): number {
    return this.time.actions.filter(({ closed }) => !closed).length;
  }

  private tell(what: string): void {
    this.told.push(`${this.time.frame} ${what}`);
  }

  private async acquire(): Promise<HeldLease | undefined> {
    this.calls.push(`${this.time.frame} acquire`);
    if (this.acquireGives) return this.acquireGives.answer as HeldLease | undefined;
    const answer = await this.onAcquire();
    if (!valueOf(answer)) return undefined;
    const token = ++this.tokens;
    return {
      token,
      renew: async () => {
        this.calls.push(`${this.time.frame} renew ${token}`);
        return this.renewGives ? (this.renewGives.answer as boolean) : valueOf(await this.onRenew());
      },
      release: () => {
        this.calls.push(`${this.time.frame} release ${token}`);
        return Promise.resolve();
      },
    };
  }
}

/** What a call resolves with; an `Err` is thrown. */
export function valueOf<T>(answer: Result<T, LeaseError>): T {
  if (answer.err) throw answer.val;
  return answer.val;
}
