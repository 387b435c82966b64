import { lastValueFrom, type Observable } from 'rxjs';
import type { RxforceError } from '@rxforce/core';

/** The error that an Observable ends with. */
export async function errorOf(source: Observable<unknown>): Promise<RxforceError> {
  try {
    await lastValueFrom(source, { defaultValue: undefined });
  } catch (error) {
    return error as RxforceError;
  }
  throw new Error('It did not error.');
}
