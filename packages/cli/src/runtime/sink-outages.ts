import { plainText } from '@rxforce/core/model';
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { wordsOf } from '../config/setting-words.js';
import type { OutageGate } from './outage-gate.js';
import type { TopicPlan } from './topic-plan.js';

/** How long a sink takes nothing before that is worth a word, in milliseconds: a receiver that is restarted is not. */
const SHORT_MS = 10_000;

type Gate = Pick<OutageGate, 'outage' | 'tryNow'>;

/** The gates of all topics, to say which sinks take nothing. */
export class SinkOutages {
  private readonly gates = new Map<string, { readonly gate: Gate; readonly sink: string }>();

  constructor(private readonly scheduler: SchedulerLike = asyncScheduler) {}

  /** Keeps the gate of a topic. */
  add({ label, sink = '' }: Pick<TopicPlan, 'label' | 'sink'>, gate: Gate): void {
    this.gates.set(label, { gate, sink });
  }

  /** Lets each topic look at once whether its sink is back. */
  tryNow(): void {
    this.gates.forEach(({ gate }) => gate.tryNow());
  }

  /** A sentence for each topic whose sink has taken nothing for 10 s. */
  get sentences(): readonly string[] {
    return [...this.gates].flatMap(([label, { gate, sink }]) => {
      if (!gate.outage) return [];
      const { since, error } = gate.outage;
      const ms = this.scheduler.now() - since;
      if (ms < SHORT_MS) return [];
      const time = `${Math.round(ms / 1_000)} s`;
      return [
        `The sink ${sink} has taken nothing of ${label} for ${time}, and its events wait: ${plainText(wordsOf(error))}`,
      ];
    });
  }
}
