import { clientCredentials, createClient, memoryReplayStore, type ChangeEvent, type PubSubClient } from '@rxforce/core';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { handle, retryWithDLQ } from '@rxforce/operators';
import { livePage, type LivePage, type LivePageOptions } from '@rxforce/live-page';

const QUIET = { warn: () => undefined };

/** An emulator, a client, and a page that shows it. */
export class Stage {
  readonly store = memoryReplayStore();
  readonly deadLetters = memoryDeadLetterQueue();
  /** What the page's redrive does. */
  redriven: (event: ChangeEvent) => Promise<unknown> = () => Promise.resolve();
  private readonly ends: (() => unknown)[] = [];

  private constructor(
    readonly emulator: Emulator,
    readonly client: PubSubClient,
    public page: LivePage,
  ) {}

  static async open(options: LivePageOptions = {}): Promise<Stage> {
    const emulator = await startEmulator({ seed: 1, tls: false });
    const { credentials, httpUrl: loginUrl, grpcEndpoint: endpoint } = emulator;
    const { clientId, clientSecret } = credentials;
    const auth = clientCredentials({ clientId, clientSecret, loginUrl });
    const client = createClient({ auth, endpoint, insecure: true, logger: QUIET });
    const stage = new Stage(emulator, client, undefined as never);
    await stage.serve(options);
    return stage;
  }

  /** Serves the page, at the port where it was before. */
  async serve(options: LivePageOptions = {}): Promise<void> {
    const port = (this.page as LivePage | undefined) ? Number(new URL(this.page.url).port) : 0;
    const redrive = (value: unknown) => this.redriven(value as ChangeEvent);
    this.page = await livePage(this.client, {
      port,
      deadLetters: { accounts: { queue: this.deadLetters, redrive } },
      positions: { store: this.store, organizationId: this.emulator.credentials.organizationId.slice(0, 15) },
      drain: () => this.client.drain(),
      ...options,
    });
  }

  /** Works on the changes of accounts; what fails goes to the dead letters. */
  accounts(
    work: (event: ChangeEvent) => Promise<unknown>,
    { window = 200, name = 'sync' }: { readonly window?: number; readonly name?: string } = {},
  ): () => void {
    const replay = { store: this.store, name, from: 'earliest', commitIntervalMs: 0 } as const;
    const { deadLetters } = this;
    const retries = retryWithDLQ(work, { deadLetters, maxRetries: 0, concurrency: 10 });
    const changes$ = this.client.changes('Account', { replay, window, refillAt: 1 });
    const running = changes$.pipe(this.page.watching(), retries).subscribe({ error: () => undefined });
    this.ends.push(() => running.unsubscribe());
    return () => running.unsubscribe();
  }

  /** Reads many topics, and does nothing with them. */
  many(count: number): void {
    const subscriptions = Array.from({ length: count }, () =>
      this.client
        .changes('Lead')
        .pipe(handle(() => undefined))
        .subscribe({ error: () => undefined }),
    );
    this.ends.push(() => subscriptions.forEach((each) => each.unsubscribe()));
  }

  async close(): Promise<void> {
    this.ends.forEach((end) => end());
    this.client.close();
    await this.page.close();
    await this.emulator.stop();
  }
}
