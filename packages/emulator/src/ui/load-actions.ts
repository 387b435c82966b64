import { objectIn, problem, type PageAnswer, type PageRequest } from '@rxforce/live-page/page';
import type { Loads } from '../load/loads.js';

/** Most events a second that the page asks for. */
const MOST_PER_SECOND = 5_000;

/** Makes so many events a second from now on, in place of every load that runs; none for 0. */
export function changeLoad(loads: Loads, request: PageRequest): PageAnswer {
  const { eventsPerSecond } = objectIn(request) ?? {};
  if (typeof eventsPerSecond !== 'number' || !(eventsPerSecond >= 0 && eventsPerSecond <= MOST_PER_SECOND)) {
    return problem(400, `eventsPerSecond is a number from 0 to ${MOST_PER_SECOND}.`);
  }
  loads.stop();
  if (eventsPerSecond > 0) loads.start({ eventsPerSecond });
  return { type: 'json', body: loads.read() };
}
