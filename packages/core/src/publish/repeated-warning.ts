import type { SchedulerLike, Subscription } from 'rxjs';

/** How often it is warned of what goes on, in milliseconds. */
export const WARN_EVERY_MS = 30_000;

/** Warns when something happens, and while it goes on once in `WARN_EVERY_MS`, of all that happened in between. */
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
   * It happened so often more.
   *
   * @param first - What to say, if it is said at once.
   * @param again - What to say, if it is said later, of so many.
   */
  happened(times: number, first: string, again: (count: number) => string): void {
    if (this.quiet === undefined) {
      this.say(first);
      return;
    }
    this.count += times;
    this.text = again;
  }

  /** Nothing more will happen: says what was not said yet. */
  end(): void {
    if (this.count > 0) this.warn(this.text(this.count));
    this.drop();
  }

  /** Nothing more is to be said. */
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
