import type { SchedulerLike } from 'rxjs';
import type { LoginStatus, Status, SubscriptionStatus } from '../ports/status.js';
import { AttributeSet } from './attribute-set.js';
import { errorTypeOf } from './error-type.js';
import { ATTRIBUTES, MESSAGING_SYSTEM } from './instruments.js';
import type { MetricSink } from './metric-sink.js';
import { Readers } from './readers.js';
import { SnapshotRows } from './snapshot-rows.js';

const COMMIT = [ATTRIBUTES.operation, 'commit'] as const;
const PUBLISH = [ATTRIBUTES.operation, 'publish'] as const;

/** Measures what the statuses of a client say. It hears of responses and commits, and never of a single event. */
export class StatusFold {
  private readonly client: AttributeSet;
  private readonly readers = new Map<string, Map<string | undefined, Readers>>();
  private readonly snapshots: SnapshotRows;

  /**
   * @param clock - Says when a commit was.
   * @param org - The name of the org, where there are several.
   */
  constructor(
    private readonly sink: MetricSink,
    private readonly clock: Pick<SchedulerLike, 'now'>,
    org?: string,
  ) {
    this.client = new AttributeSet({ [ATTRIBUTES.system]: MESSAGING_SYSTEM }).with(ATTRIBUTES.org, org);
    this.snapshots = new SnapshotRows(sink);
  }

  /** Measures what a status says. */
  next(status: Status): void {
    if (status.type === 'login') this.login(status);
    else this.subscription(status);
  }

  private login({ ok, cause }: LoginStatus): void {
    const reason = cause?.code === 'authentication' ? (cause.reason ?? cause.code) : cause?.code;
    const failed = ok ? undefined : (reason ?? '_OTHER');
    this.sink.add('rxforce.logins', 1, this.client.with(ATTRIBUTES.error, failed).attributes);
  }

  private subscription(status: SubscriptionStatus): void {
    const { sink } = this;
    // The partitions of a log are parts of one topic.
    const readers = this.readersOf(status.topic.replace(/#\d+$/, ''), status.name);
    const { of } = readers;
    switch (status.type) {
      case 'requested':
      case 'received':
        return readers.window(status.subscription, status);
      case 'pressure':
        readers.window(status.subscription, status);
        return sink.add('rxforce.pressure', 1, of.attributes);
      case 'connecting':
        readers.enter(status.subscription, 'connecting');
        return this.opened(readers, status.subscription);
      case 'acquired':
        readers.enter(status.subscription, 'connecting');
        return readers.lease(status.subscription, true);
      case 'lost':
        return readers.lease(status.subscription, false);
      case 'waiting':
        readers.enter(status.subscription, 'waiting');
        return readers.broke(status.subscription, status.cause ? errorTypeOf(status.cause) : 'stream-ended');
      case 'connected':
      case 'live':
      case 'parked':
      case 'standby':
      case 'draining':
        return readers.enter(status.subscription, status.type);
      case 'closed':
        this.snapshots.over(status.subscription);
        return readers.leave(status.subscription);
      case 'committed':
        readers.gap(status.subscription, 0);
        return this.committed(of, status.tookMs);
      case 'commitFailed':
        return this.commitFailed(of.with(ATTRIBUTES.error, errorTypeOf(status.cause)), status.tookMs);
      case 'commitGap':
        return readers.gap(status.subscription, status.ageMs / 1_000);
      case 'replayReset':
        return this.count('rxforce.replay.resets', of.with(ATTRIBUTES.policy, status.policy));
      case 'settledEarly':
        return this.count('rxforce.settled_early', of.with(ATTRIBUTES.beside, status.beside));
      case 'undecodable':
        return this.count('rxforce.events.undecodable', of);
      case 'published':
        return this.published(of, status);
      case 'refused':
        return this.refused(of, status.cause.reason);
      case 'snapshot':
        return this.snapshots.read(status, of);
      case 'keepalive':
      case 'assigned':
      case 'publishWaiting':
        return;
    }
  }

  private count(instrument: Parameters<MetricSink['add']>[0], of: AttributeSet): void {
    this.sink.add(instrument, 1, of.attributes);
  }

  private opened(readers: Readers, subscription: number): void {
    this.count('rxforce.streams.opened', readers.of.with(ATTRIBUTES.error, readers.takeError(subscription)));
  }

  private committed(of: AttributeSet, tookMs: number): void {
    this.sink.record('messaging.client.operation.duration', tookMs / 1_000, of.with(...COMMIT).attributes);
    this.sink.set('rxforce.commit.time', this.clock.now() / 1_000, of.attributes);
  }

  private commitFailed(of: AttributeSet, tookMs: number | undefined): void {
    this.count('rxforce.commit.failures', of);
    if (tookMs === undefined) return;
    this.sink.record('messaging.client.operation.duration', tookMs / 1_000, of.with(...COMMIT).attributes);
  }

  private published(of: AttributeSet, { events, failed, tookMs }: PublishedStatus): void {
    const publish = of.with(...PUBLISH);
    this.sink.record('messaging.client.operation.duration', tookMs / 1_000, publish.attributes);
    if (events > 0) this.sink.add('messaging.client.sent.messages', events, publish.attributes);
    if (failed === 0) return;
    this.sink.add('messaging.client.sent.messages', failed, publish.with(ATTRIBUTES.error, 'refused').attributes);
  }

  /** An event that the service refused was in its answer. The others were in none. */
  private refused(of: AttributeSet, reason: string): void {
    if (reason === 'refused') return;
    this.count('messaging.client.sent.messages', of.with(...PUBLISH).with(ATTRIBUTES.error, reason));
  }

  private readersOf(topic: string, name: string | undefined): Readers {
    let names = this.readers.get(topic);
    if (names === undefined) this.readers.set(topic, (names = new Map<string | undefined, Readers>()));
    let readers = names.get(name);
    if (readers === undefined) {
      const of = this.client.with(ATTRIBUTES.topic, topic).with(ATTRIBUTES.group, name);
      names.set(name, (readers = new Readers(this.sink, of)));
    }
    return readers;
  }
}

type PublishedStatus = Extract<SubscriptionStatus, { readonly type: 'published' }>;
