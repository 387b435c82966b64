import type { Method, PublishMethod } from './methods.js';
import { Planned } from '../model/planned.js';
import type { Failure } from './service-error.js';

/** The publishes that a fault applies to; a part that is `undefined` selects all. */
export interface PublishCase {
  readonly topic: string | undefined;
  readonly method: PublishMethod | undefined;
}

/** The planned faults of the next calls. */
export class PlannedFaults {
  private readonly answers = new Planned<Method | undefined, Failure>();
  private readonly lostPublishes = new Planned<PublishCase, true>();
  private readonly failedEvents = new Planned<string | undefined, string>();
  private readonly failedCommits = new Planned<string | undefined, string>();

  /** Plans an error for the next calls of a method, or of any. */
  answer(failure: Failure, method: Method | undefined, times: number): void {
    this.answers.plan(failure, method, times);
  }

  /** The planned error for a call; `undefined` to serve it. */
  answerTo(method: Method): Failure | undefined {
    return this.answers.take((only) => only === undefined || only === method);
  }

  /** Plans that the next publishes are performed but not answered. */
  losePublishes(only: PublishCase, times: number): void {
    this.lostPublishes.plan(true, only, times);
  }

  /** Whether a performed publish must not be answered. */
  isLost(method: PublishMethod, topic: string): boolean {
    const planned = this.lostPublishes.take(
      (only) => (only.topic ?? topic) === topic && (only.method ?? method) === method,
    );
    return planned !== undefined;
  }

  /** Plans that the next events of a topic, or of any, are not published, with the error text of their results. */
  failEvents(message: string, topic: string | undefined, times: number): void {
    this.failedEvents.plan(message, topic, times);
  }

  /** Why an event must not be published; `undefined` to publish it. */
  failureOfEvent(topic: string): string | undefined {
    return this.failedEvents.take((only) => only === undefined || only === topic);
  }

  /** Plans that the next commits of a managed subscription, or of any, fail, with the error text of their answers. */
  failCommits(message: string, subscriptionId: string | undefined, times: number): void {
    this.failedCommits.plan(message, subscriptionId, times);
  }

  /** Why a commit must fail; `undefined` to accept it. */
  failureOfCommit(subscriptionId: string): string | undefined {
    return this.failedCommits.take((only) => only === undefined || only === subscriptionId);
  }
}
