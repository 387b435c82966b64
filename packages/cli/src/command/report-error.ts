import { RxforceError } from '@rxforce/core/model';

/** Reports the error that a command ended with. A defect of the command itself needs its stack. */
export function reportError(error: unknown, note: (text: string) => void): void {
  if (RxforceError.is(error)) note(`error: ${error.message}`);
  else if (isPlain(error)) note(`error: ${error.message}`);
  else note(`error: ${error instanceof Error ? String(error.stack) : String(error)}`);
}

/** Whether an error is of the system or of a sink, whose message says it all. */
function isPlain(error: unknown): error is Error {
  return error instanceof Error && typeof (error as { readonly code?: unknown }).code === 'string';
}
