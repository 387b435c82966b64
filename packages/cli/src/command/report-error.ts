import { RxforceError } from '@rxforce/core/model';
import { EXIT } from './exit-codes.js';
import { lineOf, type Problem } from '../config/place.js';
import { asLastWords } from '../config/setting-words.js';

/** Reports the error that a command ended with. A defect of the command itself needs its stack. */
export function reportError(error: unknown, note: (text: string) => void): void {
  const problems = problemsOf(error);
  if (problems.length > 0) problems.forEach((problem) => note(lineOf(problem)));
  else if (RxforceError.is(error)) note(`error: ${asLastWords(error.message)}`);
  else if (isPlain(error)) note(`error: ${error.message}`);
  else note(`error: ${error instanceof Error ? String(error.stack) : String(error)}`);
}

/** Reports an error of closing beside another one, which ends the command. */
export function reportClosing(note: (text: string) => void): (error: unknown) => void {
  return (error) => reportError(error, (text) => note(`while closing: ${text}`));
}

/** The problems of a configuration, each of which gets a line. */
function problemsOf(error: unknown): readonly Problem[] {
  const { problems } = Object(error) as { readonly problems?: unknown };
  return RxforceError.is(error) && error.code === 'configuration' && Array.isArray(problems)
    ? (problems as readonly Problem[])
    : [];
}

/** Whether an error is of the system or of a sink, whose message says it all. */
function isPlain(error: unknown): error is Error {
  return error instanceof Error && typeof (error as { readonly code?: unknown }).code === 'string';
}

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  if (!RxforceError.is(error)) return EXIT.failed;
  if (error.code === 'configuration') return EXIT.usage;
  return error.code === 'authentication' ? EXIT.login : EXIT.failed;
}
