import type { Status } from '@rxforce/core';

/**
 * Tells what a client does about what happens to it: one line a subscription, each time that it has come (back) to
 * work.
 */
export class Journal {
  /** What each topic has gone through since it last worked. */
  private readonly steps = new Map<string, string[]>();

  constructor(private readonly say: (line: string) => void) {}

  /** Takes note of what happened. */
  observe(status: Status): void {
    if (status.type === 'login') return;
    const { topic, type } = status;
    const steps = this.steps.get(topic) ?? [];
    this.steps.set(topic, steps);
    if (type === 'waiting') {
      steps.push(`waiting ${status.delayMs} ms (${status.cause?.code ?? 'ended in peace'})`);
    } else if (type === 'connecting') {
      steps.push(steps.length === 0 ? `connecting from ${String(status.from)}` : 'connecting');
    } else if (type === 'live') {
      steps.push('live');
    } else if (type === 'committed' && steps.at(-1) === 'live') {
      this.tell(topic, [...steps.splice(0), 'committed'].join(' → '));
    } else if (type === 'closed') {
      this.steps.delete(topic);
    } else if (type === 'replayReset' || type === 'commitFailed') this.tell(topic, type);
  }

  private tell(topic: string, what: string): void {
    const entity = topic.replace(/^\/data\/(.*)ChangeEvent$/, '$1');
    this.say(`  ${entity.padEnd(12)} ${what}`);
  }
}
