import { objectIn, problem, type PageAnswer, type PageRequest } from '@rxforce/live-page/page';
import type { Load, LoadOptions } from '../load/load-generator.js';

/** Most events a second that the page asks for. */
const MOST_PER_SECOND = 5_000;

/** The load that the page has begun. */
export class LoadActions {
  private load: Load | undefined;
  private perSecond = 0;
  private madeBefore = 0;

  constructor(private readonly start: (options: LoadOptions) => Load) {}

  /** How many events a second are made, and how many were made by the page. */
  read(): { readonly eventsPerSecond: number; readonly made: number } {
    return { eventsPerSecond: this.perSecond, made: this.madeBefore + (this.load?.made ?? 0) };
  }

  /** Makes so many events a second from now on; none for 0. */
  change(request: PageRequest): PageAnswer {
    const { eventsPerSecond } = objectIn(request) ?? {};
    if (typeof eventsPerSecond !== 'number' || !(eventsPerSecond >= 0 && eventsPerSecond <= MOST_PER_SECOND)) {
      return problem(400, `eventsPerSecond is a number from 0 to ${MOST_PER_SECOND}.`);
    }
    this.madeBefore += this.load?.made ?? 0;
    this.load?.stop();
    this.load = eventsPerSecond === 0 ? undefined : this.start({ eventsPerSecond });
    this.perSecond = eventsPerSecond;
    return { type: 'json', body: this.read() };
  }
}
