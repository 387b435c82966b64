import { Planned } from '../model/planned.js';
import type { EventsOptions } from '../org/change-events.js';

/** Plans for unusual reports of the next transactions. */
export class Reports {
  private readonly planned = new Planned<string | undefined, Partial<EventsOptions>>();

  /** Plans a report for the next transactions that change an object, or any. */
  plan(report: Partial<EventsOptions>, entity: string | undefined, times: number): void {
    this.planned.plan(report, entity, times);
  }

  /** The planned report for a transaction that changes these objects; `undefined` for none. */
  next(entities: ReadonlySet<string>): Partial<EventsOptions> | undefined {
    return this.planned.take((only) => only === undefined || entities.has(only));
  }
}
