import type { Disk } from '../flaky-store.js';
import { Process } from '../process.js';
import type { Checks } from './checks.js';
import type { Setting } from './setting.js';
import type { StreamOptions } from './stream-options.js';

/** Starts processes, one after the death of the other. */
export class Processes {
  constructor(
    private readonly setting: Setting,
    private readonly disk: Disk,
    private readonly options: StreamOptions,
    private readonly checks: Checks,
  ) {}

  /** A process starts, in the place of the one before. */
  start(): void {
    const { setting, checks } = this;
    const { clock, log, random, given, broken } = setting;
    this.disk.lockedBy = undefined;
    setting.process = new Process({
      clock,
      log,
      random,
      service: given.service,
      options: (scheduler) => this.options.of(scheduler),
      listener: {
        opened: (stream, startsAt) => checks.opened(stream, startsAt),
        broken,
        told: (status, life) => checks.told(status, life),
        warned: (message) => setting.note(() => `warning: ${message}`),
      },
    });
    if (setting.isCalm()) setting.process.service.calm();
  }

  /** The process dies, and another one starts. */
  crash(): void {
    this.setting.note(() => 'crash');
    this.setting.process.scheduler.dead = true;
    this.start();
  }
}
