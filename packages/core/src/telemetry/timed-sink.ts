import type { SchedulerLike } from 'rxjs';
import { checkFunction } from '../model/argument-checks.js';
import { monotonicNow } from '../model/monotonic.js';
import { AttributeSet } from './attribute-set.js';
import { errorTypeOf } from './error-type.js';
import { ATTRIBUTES } from './instruments.js';
import type { MetricSink } from './metric-sink.js';
import { watchWork } from './watch-work.js';

/** The same function, whose calls are timed as those of a sink. One that is given up is not. */
export function timedSink<A extends readonly unknown[], W>(
  sink: MetricSink,
  name: string,
  work: (...args: A) => W,
  scheduler: SchedulerLike,
): (...args: A) => W {
  checkFunction('timed() got work', work);
  const of = new AttributeSet({ [ATTRIBUTES.sink]: name });
  return (...args) => {
    const since = monotonicNow(scheduler);
    return watchWork(() => work(...args), {
      within: (call) => call(),
      ended: (end) => {
        if (end.type === 'unsubscribed') return;
        const error = end.type === 'failed' ? errorTypeOf(end.error) : undefined;
        const seconds = (monotonicNow(scheduler) - since) / 1_000;
        sink.record('rxforce.sink.duration', seconds, of.with(ATTRIBUTES.error, error).attributes);
      },
    });
  };
}
