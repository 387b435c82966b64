import { EmptyError } from 'rxjs';
import { RxforceError } from '@rxforce/core/model';
import type { Status } from '../../../../../core/src/ports/status.js';
import type { Life } from '../life.js';
import type { LogStream } from '../log-service.js';
import type { Oracle } from '../oracle.js';
import { InjectedError } from '../stages/stage.js';
import type { Setting } from './setting.js';

/** The codes of errors that are tried again, until there are no attempts left. */
const AFTER_MAX_ATTEMPTS = ['connection', 'throttled', 'stream-ended', 'replay-store'];

/** Asks the oracle about all that is seen of the subscriptions: their status, streams, positions and errors. */
export class Checks {
  private connecting: Life | undefined;

  constructor(
    private readonly setting: Setting,
    private readonly oracle: Oracle,
  ) {}

  /** A subscription tells its status. */
  told(status: Status, life: Life): void {
    const { setting, oracle } = this;
    setting.note(() => `status ${JSON.stringify(status)}`);
    if (status.type === 'connecting') this.connecting = life;
    if (status.type === 'committed') oracle.passed(life, status.position, 'The position committed');
    if (status.type === 'settledEarly' && setting.keeper === undefined) setting.broken('An event was settled early.');
    if (status.type === 'requested') {
      // Later there may be more: what was settled behind an unsettled event counts once that is settled, too.
      const { outstanding, unsettled, uncommitted, window } = status;
      if (outstanding + unsettled + uncommitted > window) {
        setting.broken(`Beyond the window: ${JSON.stringify(status)}`);
      }
    }
  }

  /** The service has opened a stream. */
  opened(stream: LogStream, startsAt: number): void {
    const life = this.connecting!;
    this.setting.note(() => `stream at ${startsAt} in life ${life.number}`);
    this.oracle.opened(life, stream, startsAt);
  }

  /** A step has been done. */
  stepped(): void {
    const { process, keeper, given } = this.setting;
    const { subscriptions, lives, doomed } = process;
    // An event at which the last handler has thrown counts as settled until the process dies of it.
    if (doomed) return;
    subscriptions.all.forEach((subscription, index) => {
      const life = lives[index]!;
      const position = subscription.current();
      if (position && position !== 'committed') {
        this.oracle.passed(life, position, `The watermark of life ${life.number}`);
      }
      // What a plain operator keeps is settled, and so not in the window.
      if (keeper === undefined) this.oracle.fits(life, given.window);
    });
  }

  /** A life has ended with an error. */
  failed(error: unknown, life: Life): void {
    if (!this.explains(error, life)) this.setting.broken(`An error that nothing explains: ${String(error)}`);
  }

  /** Whether all is done, durable and settled. */
  isAllDone(): boolean {
    const { length } = this.setting.log;
    if (this.setting.given.store && this.oracle.durableTo !== length) return false;
    return this.standsBefore() === length && this.oracle.missing().length === 0;
  }

  whatIsMissing(): string {
    const { oracle, setting } = this;
    return (
      `Not done: ${oracle.missing().join() || 'none'} of ${setting.log.length}; the watermark stands before ` +
      `${String(this.standsBefore())}, what is durable before ${oracle.durableTo}.`
    );
  }

  private standsBefore(): number | undefined {
    const position = this.setting.process.subscriptions.all.at(-1)?.current();
    return position && position !== 'committed' ? this.setting.log.indexAfter(position) : undefined;
  }

  /** Whether something in the scenario is the reason of an error. */
  private explains(error: unknown, { faulty }: Life): boolean {
    const { keeper, given, process } = this.setting;
    if (error instanceof InjectedError || (error instanceof EmptyError && faulty)) return true;
    if (!RxforceError.is(error)) return false;
    const { code, cause } = error;
    if (keeper !== undefined && (code === 'settled-early' || code === 'unheld')) return true;
    // Work was cut short, or switched from, while its subscription lived.
    if (code === 'delivery-failed') return faulty || cause instanceof InjectedError;
    if (code === 'authentication') return true;
    if (code === 'client-closed') return process.subscriptions.closed;
    return given.maxAttempts !== undefined && AFTER_MAX_ATTEMPTS.includes(code);
  }
}
