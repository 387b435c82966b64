import type { Subscriber } from 'rxjs';
import { registerStream, type KeptFinding, type PipelineListener } from '../delivery/subscribing.js';
import type { TrackedObservable } from '../delivery/tracked-observable.js';

/** Announced before the stream is connected. */
const EXPECTED = {};

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
    if (expected) pipeline.announced(EXPECTED);
    const end = registerStream(pipeline);
    subscriber.add(() => {
      live.delete(pipeline);
      end();
    });
    return pipeline;
  }

  private readonly announcers = new Set<object>();
  private listener: PipelineListener | undefined;

  /** Passes all reports to this listener from here on, and earlier announcements now. */
  reach(listener: PipelineListener): void {
    this.listener = listener;
    this.announcers.forEach((by) => listener.announced(by));
  }

  announced(by: object): void {
    this.announcers.add(by);
    this.listener?.announced(by);
  }

  retracted(by: object): void {
    this.announcers.delete(by);
    this.listener?.retracted(by);
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
