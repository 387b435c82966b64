import type { DemandFigures, Tell } from '../ports/status.js';
import type { StreamSource } from '../position/stream-source.js';
import { StreamLife, type LifeDemand, type LifeListener } from '../stream-life/stream-life.js';
import type { ReadingPlan } from './reading-plan.js';
import type { StreamContext } from './stream-context.js';
import type { StreamWarnings } from './stream-warnings.js';

/** The parts of the life of a subscription's streams, and its reports to the subscription. */
export interface ReportedLifeParts extends Pick<LifeListener, 'connecting' | 'received' | 'reset' | 'failed'> {
  readonly context: Pick<StreamContext, 'scheduler' | 'random'>;
  readonly plan: Pick<ReadingPlan<never>, 'options' | 'keeper'>;
  readonly tell: Tell;
  readonly warnings: StreamWarnings;
  readonly demand: LifeDemand;
  readonly source: StreamSource;
  readonly figures: () => DemandFigures;
}

/** The life of a subscription's streams, reported on `status$` and in warnings. */
export function reportedLife(parts: ReportedLifeParts): StreamLife {
  const { context, plan, tell, warnings, demand, source, figures } = parts;
  const { silenceTimeoutMs, maxAttempts } = plan.options;
  const settings = { silenceTimeoutMs, maxAttempts, onInvalid: plan.keeper.onInvalid };
  return new StreamLife(context, settings, demand, {
    connect: (requests, silence, connected) =>
      source.connect(requests, silence, () => {
        connected();
        tell('connected');
      }),
    requested: (numRequested) => tell('requested', () => ({ numRequested, ...figures() })),
    received: (response, first) => {
      if (first) {
        warnings.live();
        tell('live');
      }
      parts.received(response, first);
    },
    connecting: (failures) => parts.connecting(failures),
    opening: (times) => warnings.silentLogin(times),
    waiting: (attempt, delayMs, cause) => warnings.waiting(attempt, delayMs, cause),
    parked: () => tell('parked'),
    reset: (policy, error) => parts.reset(policy, error),
    failed: (error) => parts.failed(error),
  });
}
