import { delay, of } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';

/** An event of each type, by a letter of its own. */
export const EVENTS = Object.fromEntries(
  Object.entries({
    c: 'CREATE',
    u: 'UPDATE',
    d: 'DELETE',
    n: 'UNDELETE',
    s: 'SNAPSHOT',
    g: 'GAP_UPDATE',
    o: 'GAP_OVERFLOW',
  } as const).map(([letter, changeType]) => [letter, changeEvent({ changeType, recordIds: [letter] })]),
);

/** Says who handled what, after a time. */
export const by =
  (name: string, ms = 0) =>
  ({ header }: Pick<ChangeEvent, 'header'>) =>
    of(`${name} ${header.changeType}`).pipe(delay(ms));

/** Handlers of gaps and of overflows. */
export const GAPS = { gap: by('gap'), overflow: by('overflow') };
