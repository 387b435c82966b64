import { tap, timer, type Observable } from 'rxjs';
import type { SubscribeOptions } from '../../../../../core/src/subscribe/options.js';
import { FlakyStore, type Disk } from '../flaky-store.js';
import type { Oracle } from '../oracle.js';
import { InjectedError } from '../stages/stage.js';
import type { ProcessScheduler } from '../step-scheduler.js';
import type { Setting } from './setting.js';

/** The options that each process subscribes with: a store that fails as told, and where undecodable events go. */
export class StreamOptions {
  private asideFails: boolean;

  constructor(
    private readonly setting: Setting,
    private readonly oracle: Oracle,
    private readonly disk: Disk,
    private readonly settle: 'on-hold' | 'on-return',
  ) {
    this.asideFails = setting.given.aside.fails;
  }

  /** For a process, by its clock. */
  of(scheduler: ProcessScheduler): SubscribeOptions {
    const { window, refill, store, maxAttempts } = this.setting.given;
    const own = store && {
      commitIntervalMs: store.commitIntervalMs,
      store: new FlakyStore(this.disk, store.saves, scheduler, {
        saving: (position) => this.oracle.saving(position),
        saved: (position) => this.oracle.saved(position),
        broken: this.setting.broken,
        isCalm: this.setting.isCalm,
      }),
    };
    return {
      window,
      ...(refill !== undefined && { refillAt: Math.max(1, Math.round(refill * window)) }),
      ...(maxAttempts !== undefined && { maxAttempts }),
      replay: { from: this.setting.from(), ...own },
      settle: this.settle,
      silenceTimeoutMs: 2_000,
      onUndecodable: ({ id }) => this.putAside(Number(id), scheduler),
    };
  }

  private putAside(index: number, scheduler: ProcessScheduler): Observable<unknown> {
    const { given, isCalm } = this.setting;
    const life = this.oracle.lives.at(-1)!;
    this.setting.tellTail(index, life);
    return timer(given.aside.delayMs, scheduler).pipe(
      tap(() => {
        if (this.asideFails && !isCalm()) {
          this.asideFails = false;
          throw new InjectedError(`aside at ${index}`);
        }
        life.aside[index]!++;
      }),
    );
  }
}
