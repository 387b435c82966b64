import { defer, finalize, Subscription, tap } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import type { DemandFigures, Tell } from '../ports/status.js';
import type { FetchResponse } from '../ports/wire.js';
import type { StreamSource } from '../position/stream-source.js';
import { StreamLife, type LifeDemand, type LifeListener } from '../stream-life/stream-life.js';
import type { ReadingPlan } from './reading-plan.js';
import type { StreamContext } from './stream-context.js';
import { AWAY_MS, type StreamWarnings } from './stream-warnings.js';

/** The parts of the life of a subscription's streams, and its reports to the subscription. */
export interface ReportedLifeParts extends Pick<LifeListener, 'connecting' | 'received' | 'reset' | 'failed'> {
  readonly context: Pick<StreamContext, 'scheduler' | 'random'>;
  readonly plan: Pick<ReadingPlan<never>, 'options' | 'keeper'>;
  readonly tell: Tell;
  readonly warnings: StreamWarnings;
  readonly demand: LifeDemand;
  readonly source: StreamSource;
  readonly figures: () => DemandFigures;
  /** A stream has its connection. */
  readonly connected: () => void;
}

/** The life of a subscription's streams, reported on `status$` and in warnings. */
export function reportedLife(parts: ReportedLifeParts): StreamLife {
  const { context, plan, demand } = parts;
  const { silenceTimeoutMs, maxAttempts } = plan.options;
  const settings = { silenceTimeoutMs, maxAttempts, onInvalid: plan.keeper.onInvalid };
  return new StreamLife(context, settings, demand, new Reports(parts));
}

/** A class, as each subscription would keep as many functions as a life has reports. */
class Reports implements LifeListener {
  constructor(private readonly parts: ReportedLifeParts) {}

  connect(...[requests, silence, connected]: Parameters<LifeListener['connect']>): ReturnType<LifeListener['connect']> {
    const { source, warnings, context } = this.parts;
    const away = new Subscription();
    const mute = tap(() => warnings.mute());
    // Until the transport asks for demand, the stream waits for the login, which is warned of elsewhere.
    const timed = defer(() => {
      away.add(context.scheduler.schedule(() => warnings.away(), AWAY_MS));
      return requests;
    });
    const stream$ = source.connect(warnings.isAway ? timed : requests, silence.pipe(mute), () => {
      away.unsubscribe();
      warnings.connected();
      connected();
      this.parts.connected();
    });
    return stream$.pipe(finalize(() => away.unsubscribe()));
  }

  requested(numRequested: number): void {
    const { tell, figures } = this.parts;
    tell('requested', () => ({ numRequested, ...figures() }));
  }

  received(response: FetchResponse, first: boolean): void {
    const { warnings, tell, received } = this.parts;
    if (first) {
      warnings.live();
      tell('live');
    }
    received(response, first);
  }

  connecting(failures: number): void {
    this.parts.connecting(failures);
  }

  opening(times: number): void {
    this.parts.warnings.silentLogin(times);
  }

  waiting(...pause: Parameters<LifeListener['waiting']>): void {
    this.parts.warnings.waiting('stream', ...pause);
  }

  parked(): void {
    this.parts.warnings.parked();
    this.parts.tell('parked');
  }

  reset(policy: 'earliest' | 'latest', error: RxforceError): void {
    this.parts.reset(policy, error);
  }

  failed(error: RxforceError): void {
    this.parts.failed(error);
  }
}
