import { setTimeout as delay } from 'node:timers/promises';
import { fileReplayStore, type ChangeEvent, type PubSubClient, type ReplayStore } from '@rxforce/core';
import { redrive, type DeadLetterQueue } from '@rxforce/dead-letters';
import {
  batchBy,
  byChangeType,
  byTransaction,
  distinctEvents,
  filterField,
  handle,
  latestByRecord,
  retryWithDLQ,
} from '@rxforce/operators';
import type { Observable } from 'rxjs';
import { tap } from 'rxjs';

/**
 * What an application does, all at once. What fails for good ends the process: a soak without its work shows nothing.
 */
export class Pipelines {
  private readonly store: ReplayStore;

  constructor(
    private readonly client: PubSubClient,
    positions: string,
    private readonly deadLetters: DeadLetterQueue,
    private readonly handled: (event: { readonly schemaId: string }) => void,
  ) {
    this.store = fileReplayStore(positions);
  }

  /** Starts those that run all the time. */
  start(): void {
    this.run(this.changes('Account', 'accounts').pipe(handle(async (event) => this.work(event), { concurrency: 4 })));
    this.run(
      this.changes('Contact', 'contacts').pipe(
        byChangeType('CREATE', 'UPDATE'),
        batchBy(20, 1_000),
        handle(async (batch) => {
          for (const event of batch) await this.work(event);
        }),
      ),
    );
    this.run(
      this.changes('Opportunity', 'opportunities').pipe(
        distinctEvents({ size: 500 }),
        retryWithDLQ(async (event: ChangeEvent) => this.workOrFail(event), {
          maxRetries: 1,
          deadLetters: this.deadLetters,
        }),
      ),
    );
    this.run(this.changes('Lead', 'leads').pipe(latestByRecord(async (event) => this.work(event))));
    // Every schema there is, and all the new ones.
    this.run(
      this.changes('/data/ChangeEvents', 'all').pipe(
        byTransaction(),
        handle(async ({ events }) => {
          for (const event of events) await this.work(event);
        }),
      ),
    );
    this.run(this.client.events('Order_Event__e').pipe(handle(async (event) => this.work(event))));
  }

  /** Works on what was put aside. */
  redriveAll(): void {
    this.run(redrive(this.deadLetters, async (event: ChangeEvent) => this.work(event), { asTheyWere: true }));
  }

  /** Publishes an event, which comes back on its topic. */
  publishOne(): void {
    this.run(this.client.publish('/event/Order_Event__e', { data: { Order_Number__c: String(Date.now()) } }));
  }

  /** A subscription that is there for a moment. */
  comeAndGo(): void {
    const { client } = this;
    const passing = client.changes('Account', { onUndecodable: () => undefined }).pipe(
      filterField('Name', 'isNotNull'),
      handle(async () => delay(1)),
    );
    const subscription = passing.subscribe();
    setTimeout(() => subscription.unsubscribe(), 2_000);
  }

  private changes(topic: string, name: string): Observable<ChangeEvent> {
    return this.client.changes(topic, {
      replay: { store: this.store, name, from: 'earliest', onInvalid: 'latest' },
      silenceTimeoutMs: 20_000,
      onUndecodable: () => undefined,
    });
  }

  private run(source: Observable<unknown>): void {
    source.pipe(tap({ error: (error: unknown) => console.error(error) })).subscribe({ error: () => process.exit(1) });
  }

  private async work(event: { readonly schemaId: string }): Promise<void> {
    await delay(1);
    this.handled(event);
  }

  private async workOrFail(event: ChangeEvent): Promise<void> {
    await this.work(event);
    if (event.header.commitNumber % 20n === 0n) throw new Error('The other system refused it.');
  }
}
