/** How many times a claim is renewed within its time to live. */
const RENEWALS = 3;

/**
 * The letters that a queue has taken and not given back. Their claims are renewed, because work may take longer than a
 * claim lasts.
 */
export class LetterClaims {
  private readonly ids = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private isRenewing = false;
  private isClosed = false;

  /**
   * @param claimMs - How long a claim lasts without renewal, in milliseconds.
   * @param renew - Renews claims, and resolves with the ids that another taker has by now; never rejects.
   */
  constructor(
    private readonly claimMs: number,
    private readonly renew: (ids: readonly string[]) => Promise<readonly string[]>,
  ) {}

  /** Adds letters that were taken. */
  add(ids: readonly string[]): void {
    ids.forEach((id) => this.ids.add(id));
    if (this.ids.size === 0 || this.isClosed) return;
    this.timer ??= setInterval(() => void this.renewAll(), Math.ceil(this.claimMs / RENEWALS)).unref();
  }

  /** Removes letters that this queue no longer has. */
  delete(ids: readonly string[]): void {
    ids.forEach((id) => this.ids.delete(id));
    if (this.ids.size === 0) this.stop();
  }

  /** Stops the renewal. */
  close(): void {
    this.isClosed = true;
    this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async renewAll(): Promise<void> {
    // While the queue is silent, calls do not pile up.
    if (this.isRenewing) return;
    this.isRenewing = true;
    this.delete(await this.renew([...this.ids]));
    this.isRenewing = false;
  }
}
