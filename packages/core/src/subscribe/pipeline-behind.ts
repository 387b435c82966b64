import type { KeptFinding, PipelineListener } from '../flow/subscribing.js';

/**
 * What is heard of the pipeline behind a subscription, for its runs, which may begin later: with a lease, one for each time
 * that it is held.
 */
export class PipelineBehind implements PipelineListener {
  private hasAnnounced = false;
  private run: PipelineListener | undefined;

  /** From here on this run hears it, and what was announced before. */
  reach(run: PipelineListener): void {
    this.run = run;
    if (this.hasAnnounced) run.announced();
  }

  announced(): void {
    this.hasAnnounced = true;
    this.run?.announced();
  }

  kept(finding: KeptFinding): Error | undefined {
    return this.run?.kept(finding);
  }

  late(): void {
    this.run?.late();
  }
}
