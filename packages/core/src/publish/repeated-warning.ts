import type { SchedulerLike, Subscription } from 'rxjs';

/** The interval of warnings while something continues, in milliseconds. */
export const WARN_EVERY_MS = 30_000;

/**
 * Warns when something happens. While that continues, it warns once in `WARN_EVERY_MS`, of everything that happened in
 * between.
 */
export class RepeatedWarning {
  private count = 0;
  private text: (count: number) => string = String;
  /** Runs for `WARN_EVERY_MS` after a warning. */
  private quiet: Subscription | undefined;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly warn: (message: string) => void,
  ) {}

  /**
   * Reports that it happened `times` more times.
   *
   * @param first - The warning, if it comes at once.
   * @param again - Makes the warning, if it comes later, for so many times.
   */
  happened(times: number, first: string, again: (count: number) => string): void {
    if (this.quiet === undefined) {
      this.say(first);
      return;
    }
    this.count += times;
    this.text = again;
  }

  /** Nothing more will happen. Gives the warnings that are still due. */
  end(): void {
    if (this.count > 0) this.warn(this.text(this.count));
    this.drop();
  }

  /** Drops the warnings that are still due. */
  drop(): void {
    this.count = 0;
    this.quiet?.unsubscribe();
  }

  private say(message: string): void {
    this.count = 0;
    this.quiet = this.scheduler.schedule(() => this.lookAgain(), WARN_EVERY_MS);
    this.warn(message);
  }

  private lookAgain(): void {
    this.quiet = undefined;
    if (this.count > 0) this.say(this.text(this.count));
  }
}
