import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core';

const LOST = 1_000;
let count = 0;

/**
 * Loses one event of all that come, whatever their topic, as a careless operator would. The client cannot know: to it
 * the event was settled. Only who holds what arrived against the log of the server finds out.
 */
export const loseOne: MonoTypeOperatorFunction<ChangeEvent> = filter(() => ++count !== LOST);
