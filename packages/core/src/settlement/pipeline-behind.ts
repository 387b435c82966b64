import type { Subscriber } from 'rxjs';
import { registerStream, type KeptFinding, type PipelineListener } from '../delivery/subscribing.js';
import type { TrackedObservable } from '../delivery/tracked-observable.js';

/**
 * Listens to the pipeline downstream of a subscription, for the subscription's runs. A run may begin later: with a
 * lease, there is one each time that the lease is held.
 */
export class PipelineBehind implements PipelineListener {
  /**
   * Listens to the pipeline downstream of a subscription of a stream, until the subscription ends. Call this during the
   * subscription.
   */
  static of(stream: TrackedObservable<never>, subscriber: Subscriber<never>): PipelineBehind {
    const pipeline = new PipelineBehind();
    const { live, expected } = stream.streams;
    live.add(pipeline);
    const registered = registerStream(pipeline);
    if (registered.announced || expected) pipeline.announced();
    subscriber.add(() => {
      live.delete(pipeline);
      registered.end();
    });
    return pipeline;
  }

  private hasAnnounced = false;
  private listener: PipelineListener | undefined;

  /** Passes all reports to this listener from here on, and earlier announcements now. */
  reach(listener: PipelineListener): void {
    this.listener = listener;
    if (this.hasAnnounced) listener.announced();
  }

  announced(): void {
    this.hasAnnounced = true;
    this.listener?.announced();
  }

  finished(operator: object): void {
    this.listener?.finished(operator);
  }

  kept(finding: KeptFinding): Error | undefined {
    return this.listener?.kept(finding);
  }

  late(): void {
    this.listener?.late();
  }
}

/**
 * Whether finished work is only collected or delayed, as for a log. Where nobody is at the end, an operator that makes
 * something new of it counts as work.
 */
export function isForALog({ afterWork, bare, passesOn }: KeptFinding): boolean {
  return afterWork && (!bare || passesOn);
}
