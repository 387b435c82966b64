import { PrintingProcess } from '../../../../test/support/printing-process.js';

/** What a process is to do: redrive the queue of a server until it is empty. */
export interface RedriveTask {
  readonly port: number;
  readonly claimMs: number;
  /** Work on more letters than this never ends; `null` for all that ends. */
  readonly hangsAfter: number | null;
}

/** What it prints, a line each: when work on a letter starts, and when it was removed. */
export type RedriveReport = readonly [event: 'started' | 'removed', id: string];

/** A process of its own that redrives. */
export class RedriveProcess extends PrintingProcess {
  constructor(task: RedriveTask) {
    super(new URL('redrive-process-main.ts', import.meta.url), task);
  }

  /** The ids that it has printed with an event, in that order. */
  idsOf(event: RedriveReport[0]): readonly string[] {
    return this.lines.filter((line) => line.startsWith(`${event} `)).map((line) => line.slice(event.length + 1));
  }
}
