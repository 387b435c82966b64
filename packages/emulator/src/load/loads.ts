import { startLoad, type Load, type LoadContext, type LoadOptions } from './load-generator.js';

/** All loads of an emulator. */
export class Loads {
  /** Those that run, each with its events a second. */
  private readonly running = new Map<Load, number>();
  private madeBefore = 0;
  private isClosed = false;

  constructor(private readonly context: LoadContext) {}

  /**
   * Begins a load, which ends at once when the emulator has ended.
   *
   * @throws `ConfigurationError` when an option is out of its range.
   */
  start(options: LoadOptions): Load {
    const load = startLoad(this.context, options);
    this.running.set(load, options.eventsPerSecond);
    void load.done.then(() => this.ended(load));
    if (this.isClosed) this.stop();
    return load;
  }

  /** How many events a second all of them make, and how many were made, also by those that have ended. */
  read(): { readonly eventsPerSecond: number; readonly made: number } {
    let made = this.madeBefore;
    let eventsPerSecond = 0;
    for (const [load, perSecond] of this.running) {
      made += load.made;
      eventsPerSecond += perSecond;
    }
    return { eventsPerSecond, made };
  }

  /** Ends those that run. */
  stop(): void {
    for (const load of [...this.running.keys()]) {
      load.stop();
      this.ended(load);
    }
  }

  /** Ends those that run, and those that begin later. */
  close(): void {
    this.isClosed = true;
    this.stop();
  }

  private ended(load: Load): void {
    if (this.running.delete(load)) this.madeBefore += load.made;
  }
}
