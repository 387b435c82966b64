/** How many times in its life a claim is renewed. */
const RENEWALS = 3;

/**
 * The letters that a queue has taken and not given back, whose claims are renewed while there are any: work may take
 * longer than a claim lives.
 */
export class DeadLetterClaims {
  private readonly ids = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private isRenewing = false;
  private isClosed = false;

  /**
   * @param claimMs - How long a claim lives without being renewed.
   * @param renew - Renews claims, and gives the ids of those that are somebody else's by now; never rejects.
   */
  constructor(
    private readonly claimMs: number,
    private readonly renew: (ids: readonly string[]) => Promise<readonly string[]>,
  ) {}

  /** These were taken. */
  add(ids: readonly string[]): void {
    ids.forEach((id) => this.ids.add(id));
    if (this.ids.size === 0 || this.isClosed) return;
    this.timer ??= setInterval(() => void this.renewAll(), Math.ceil(this.claimMs / RENEWALS)).unref();
  }

  /** These are nobody's any more, or somebody else's. */
  delete(ids: readonly string[]): void {
    ids.forEach((id) => this.ids.delete(id));
    if (this.ids.size === 0) this.stop();
  }

  /** Renews none any more. */
  close(): void {
    this.isClosed = true;
    this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async renewAll(): Promise<void> {
    // While Redis is silent, calls do not pile up.
    if (this.isRenewing) return;
    this.isRenewing = true;
    this.delete(await this.renew([...this.ids]));
    this.isRenewing = false;
  }
}
