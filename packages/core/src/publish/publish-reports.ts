import type { PublishError, RxforceError } from '../model/errors.js';
import { SILENCE_MS } from '../stream-life/tell-silence.js';
import type { PublicationParts } from './publication-parts.js';
import { RepeatedWarning, WARN_EVERY_MS } from './repeated-warning.js';

/** Reports on publishing for users who do not look at results: on `status$`, and as warnings at intervals. */
export class PublishReports {
  private readonly outage: RepeatedWarning;
  private readonly twice: RepeatedWarning;
  private readonly refusals: RepeatedWarning;

  /** @param warnsOfRefusals - Whether the logger hears of refusals. */
  constructor(
    private readonly parts: Pick<PublicationParts, 'topic' | 'scheduler' | 'warn' | 'tell'>,
    private readonly warnsOfRefusals: boolean,
  ) {
    const { scheduler, warn } = parts;
    this.outage = new RepeatedWarning(scheduler, warn);
    this.twice = new RepeatedWarning(scheduler, warn);
    this.refusals = new RepeatedWarning(scheduler, warn);
  }

  /** A request was answered. */
  published(events: number, failed: number, tookMs: number): void {
    this.parts.tell('published', () => ({ events, failed, tookMs }));
  }

  /** An event has an `Err` as its result, which is about to be emitted. */
  refused(cause: PublishError): void {
    this.parts.tell('refused', () => ({ cause }));
  }

  /** The result was emitted, and its receiver did not object. */
  refusalPassed({ eventId = '', message }: PublishError): void {
    if (!this.warnsOfRefusals) return;
    const { topic } = this.parts;
    this.refusals.happened(
      1,
      `Event ${JSON.stringify(eventId)} was not published on ${topic}: ${message}`,
      (count) => `${count} more events were not published on ${topic} ${LATELY}. The last: ${message}`,
    );
  }

  /**
   * A call failed this often in a row, and is tried again after a pause.
   *
   * @param resent - Events that are sent again, although the first attempt may have published them.
   */
  waiting(attempt: number, delayMs: number, cause: RxforceError, resent: number): void {
    const { topic, tell } = this.parts;
    tell('publishWaiting', () => ({ attempt, delayMs, cause, resent }));
    this.outage.happened(
      1,
      attempt === 1
        ? `Publishing to ${topic} broke off, and goes on in ${delayMs} ms: ${cause.message}`
        : `Publishing to ${topic} still fails: attempt ${attempt} did, the next is in ${delayMs} ms. ${cause.message}`,
      (count) => `Publishing to ${topic} broke off ${count} more times ${LATELY}; attempt ${attempt}: ${cause.message}`,
    );
    if (resent === 0) return;
    this.twice.happened(
      resent,
      `${resent} ${sentAgain(topic)}`,
      (count) => `${count} more times ${LATELY}, ${sentAgain(topic)}`,
    );
  }

  /** Something that is needed before the first request has not come for `times` times `SILENCE_MS`. */
  silent(times: number, what: string): void {
    this.parts.warn(
      `Publishing to ${this.parts.topic} has waited ${(times * SILENCE_MS) / 1_000} s for ${what}, and goes on waiting. Nothing is ` +
        'sent until then.',
    );
  }

  /** It is over. */
  over(): void {
    // The Observable reports how it ended.
    this.outage.drop();
    this.twice.end();
    this.refusals.end();
  }
}

const LATELY = `within ${WARN_EVERY_MS / 1_000} s`;

function sentAgain(topic: string): string {
  return (
    `events for ${topic} were sent, not answered and are sent again: they may be on the topic twice, with the same id. ` +
    "Subscribers can tell by it; or give the publisher onUnknown: 'fail', or a longer answerTimeoutMs where the service is slow."
  );
}
