import { PrintingProcess } from '../../../../test/support/printing-process.js';

/** What a process is to do with a file queue. */
export type LetterTask =
  /**
   * Puts letters for ever, some together, several puts at a time; removes every second one again. The files are small,
   * so that they come and go all the time.
   */
  | { readonly type: 'churn'; readonly directory: string; readonly name: string }
  /** Puts `count` letters, one after the other. */
  | { readonly type: 'put'; readonly directory: string; readonly name: string; readonly count: number }
  /**
   * Takes letters; puts some back the first time, else removes them. Ends when its input has, and no letter is left.
   */
  | { readonly type: 'redrive'; readonly directory: string };

/**
 * What it prints: one line each. `putting` and `removing` are printed before, the others after the queue has answered.
 */
export type LetterReport = readonly [event: 'putting' | 'put' | 'removing' | 'removed', id: string];

/** A process of its own that uses a file queue. */
export class LetterProcess extends PrintingProcess {
  constructor(task: LetterTask) {
    super(new URL('letter-process-main.ts', import.meta.url), task);
  }

  /** What it has printed. */
  get reports(): readonly LetterReport[] {
    return this.lines.map((line) => line.split(' ') as unknown as LetterReport);
  }

  /** The ids that it has printed with an event. */
  idsOf(event: LetterReport[0]): ReadonlySet<string> {
    return new Set(this.reports.filter(([printed]) => printed === event).map(([, id]) => id));
  }
}
