import { defer, of, type Observable } from 'rxjs';
import { idOf, nameOf } from './fake-store.js';
import { SteppedTime } from './stepped-time.js';
import { Watermark } from '../../src/delivery/watermark.js';
import type { StreamPosition } from '../../src/ports/replay-store.js';
import type { StatusDetail } from '../../src/ports/status.js';
import { resolveSubscribeOptions } from '../../src/subscribe/options.js';
import type { ReplayOptions } from '../../src/position/replay-options.js';
import { StoredPlace } from '../../src/position/stored-place.js';

/** A position, the watermark it moves with, and what it tells. */
export class Bench {
  readonly time = new SteppedTime();
  readonly watermark = new Watermark(undefined);
  readonly statuses: StatusDetail[] = [];
  readonly told: string[] = [];
  organization: () => Observable<string> = () => of('00D000000000001');
  opened = false;
  error: unknown;
  readonly place: StoredPlace;

  constructor(replay: ReplayOptions, maxAttempts = Infinity) {
    this.place = new StoredPlace(
      {
        scheduler: this.time,
        random: () => 1,
        transport: { organization: () => defer(() => this.organization()) },
      },
      '/data/ThingChangeEvent',
      resolveSubscribeOptions({ replay, maxAttempts }),
      this.watermark,
      {
        tell: (type, ...[details]) => void this.statuses.push({ type, ...details?.() } as StatusDetail),
        waiting: (attempt, delayMs, cause) => this.told.push(`waiting ${attempt} ${delayMs} ${cause.message}`),
        commitFailed: (attempt, delayMs) => this.told.push(`commit failed ${attempt} ${delayMs}`),
        silent: (times, cause) => this.told.push(`silent ${times} ${cause.message}`),
        committed: () => this.told.push('committed'),
        failed: (error) => this.told.push(`failed ${error.code}`),
      },
    );
  }

  async open(before?: StreamPosition): Promise<this> {
    this.place.open(before).subscribe({
      next: () => (this.opened = true),
      error: (error: unknown) => (this.error = error),
    });
    await this.time.pass(0);
    return this;
  }

  /** Receives and settles an event. */
  settle(name: string): void {
    this.watermark.settle(this.watermark.open(idOf(name)));
  }

  get from(): string | undefined {
    return nameOf(this.place.beginning.from());
  }

  get current(): string | undefined {
    return nameOf(this.place.current());
  }
}

/** A place that is open. */
export const opened = (replay: ReplayOptions, before?: StreamPosition) => new Bench(replay).open(before);
