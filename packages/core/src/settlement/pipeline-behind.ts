import type { Subscriber } from 'rxjs';
import { registerStream, type KeptFinding, type PipelineListener } from '../delivery/subscribing.js';
import type { TrackedObservable } from '../delivery/tracked-observable.js';

/**
 * What is heard of the pipeline behind a subscription, for its runs, which may begin later: with a lease, one for each time
 * that it is held.
 */
export class PipelineBehind implements PipelineListener {
  /** Hears the pipeline behind a subscription of a stream, until that ends. Call it while it is being subscribed to. */
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

  /** From here on this listener hears it, and what was announced before. */
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
 * Whether what was worked on is only collected or delayed, as for a log. Where nobody is at the end, an operator that makes
 * something new of it works.
 */
export function isForALog({ afterWork, bare, passesOn }: KeptFinding): boolean {
  return afterWork && (!bare || passesOn);
}
