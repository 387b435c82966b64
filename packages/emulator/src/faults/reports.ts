import { Planned } from '../grpc/planned.js';
import type { EventsOptions } from '../org/change-events.js';

/** How transactions to come are reported, where that is another way than usual. */
export class Reports {
  private readonly planned = new Planned<string | undefined, Partial<EventsOptions>>();

  /** Plans a report for the next transactions that change an object, or any. */
  plan(report: Partial<EventsOptions>, entity: string | undefined, times: number): void {
    this.planned.plan(report, entity, times);
  }

  /** What is planned for a transaction that changes these objects, or `undefined`. */
  next(entities: ReadonlySet<string>): Partial<EventsOptions> | undefined {
    return this.planned.take((only) => only === undefined || entities.has(only));
  }
}
