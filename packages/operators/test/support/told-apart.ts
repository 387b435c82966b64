import { map, timer, type MonoTypeOperatorFunction } from 'rxjs';
import { ReplayId, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { handle } from '../../src/handle.js';

/** Events by the letters of marbles. */
export const values = { a: changeEvent(), b: changeEvent(), c: changeEvent(), d: changeEvent() };

/** One of them. */
export type Event = ChangeEvent;

/** A position whose bytes are this text. */
export const position = (text: string) => ReplayId.fromBytes(Buffer.from(text));

/** Work that takes some time, and gives the event back. */
export const working = (ms: number): MonoTypeOperatorFunction<Event> =>
  handle((event: Event) => timer(ms).pipe(map(() => event)), { concurrency: Infinity, keyBy: () => [] });
