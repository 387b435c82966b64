import { RxforceError, plainText } from '@rxforce/core/model';
import { asLastWords } from '../config/setting-words.js';

/** What was looked at, and what came of it. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Looks at one thing. What comes of it is a finding, also where it rejects. */
export type Try = (what: string, look: () => Promise<string>) => Promise<void>;

/** Looks at one thing. */
export async function attempt(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await look() };
  } catch (error) {
    const { message } = error as Error;
    return { what, ok: false, detail: plainText(RxforceError.is(error) ? asLastWords(message) : message) };
  }
}
