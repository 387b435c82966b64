import type { WireCommitRequest } from '@rxforce/core/internal';
import type { Refusal } from '../model/refusal.js';
import { Subscription, type SubscriptionSnapshot } from '../flow/subscription.js';
import { commit } from '../managed/commit.js';
import {
  checkManagedRequest,
  checkSameSubscription,
  managedStart,
  namedSubscription,
  type ManagedRequest,
} from '../managed/managed-start.js';
import type { ManagedHalt, ManagedState } from '../managed/managed-state.js';
import { type CommitAnswer, encodeCommitResponse } from '../wire/commit-response.js';
import type { CallContext } from './call-context.js';
import type { CallStream } from './call-stream.js';
import { CommitAnswers } from './commit-answers.js';
import { EventPump } from './event-pump.js';
import type { EventCall } from './live-calls.js';

/** A live ManagedSubscribe call: like Subscribe, with commits on the same stream. */
export class ManagedSubscribeCall implements EventCall {
  readonly method = 'ManagedSubscribe';
  private readonly subscription: Subscription;
  private readonly answers: CommitAnswers;
  private readonly pump: EventPump;
  private state: ManagedState | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly stream: CallStream<ManagedRequest, Buffer>,
    private readonly context: CallContext,
  ) {
    const { bus, options } = context;
    this.subscription = new Subscription(bus, () => options.maxEventsPerResponse);
    this.answers = new CommitAnswers((answer) => this.sendAnswer(answer));
    stream.onRequest((request) => this.request(request));
    // This runs before the pump, which then ends the stream.
    stream.onRequestsEnd(() => this.answers.flush());
    stream.onClose(() => this.stop());
    this.pump = new EventPump(stream, this.subscription, options);
  }

  get topic(): string {
    return this.subscription.snapshot().topic;
  }

  snapshot(): SubscriptionSnapshot {
    const managed = this.state?.record.developerName;
    return { ...this.subscription.snapshot(), ...(managed !== undefined && { managed }) };
  }

  keepalive(): void {
    this.pump.keepalive();
  }

  redeliver(count: number): number {
    return this.pump.redeliver(count);
  }

  private request(request: ManagedRequest): void {
    const state = this.state;
    const refusal =
      checkManagedRequest(request, state === undefined) ??
      (state === undefined ? this.open(request) : this.goOn(state, request));
    if (refusal === undefined) {
      this.pump.asked();
    } else {
      this.answers.flush();
      this.stream.fail(refusal);
    }
  }

  private open(request: ManagedRequest): Refusal | undefined {
    const found = namedSubscription(this.context.managed, request);
    if ('reason' in found) return found;
    const { state, developerName } = found.record;
    if (state === 'STOP') return haltRefusal(developerName, 'stopped');
    const giveBack = found.take((halt) => this.halt(developerName, halt));
    if (giveBack === undefined) {
      const message =
        'An active managed subscription with the same ID already exists. If a previous subscription with the same ID ' +
        'was stopped, there can be a delay before it expires. Try subscribing again later.';
      return { reason: 'managed-already-active', message };
    }
    this.stream.onLeave(() => giveBack(this.context.options.managedSlotMs));
    this.state = found;
    this.waitForCommit();
    const { numRequested } = request;
    return this.subscription.request({ ...managedStart(this.context.bus, found), numRequested });
  }

  private goOn(state: ManagedState, request: ManagedRequest): Refusal | undefined {
    const refusal = checkSameSubscription(this.context.managed, state, request);
    if (refusal !== undefined) return refusal;
    if (request.commitReplayIdRequest !== null) this.commit(state, request.commitReplayIdRequest);
    const { numRequested } = request;
    return numRequested === 0 ? undefined : this.subscription.request({ topicName: '', numRequested });
  }

  private commit(state: ManagedState, request: WireCommitRequest): void {
    const { bus, now, planned } = this.context;
    state.noteDelivered(this.subscription.position);
    this.waitForCommit();
    this.answers.add(commit(bus, state, request, now(), planned.failureOfCommit(state.record.id)));
  }

  private sendAnswer(commitResponse: CommitAnswer): void {
    if (!this.stream.isOpen) return;
    const { latestReplayId, pending: pendingNumRequested } = this.subscription;
    this.stream.write(
      encodeCommitResponse({ latestReplayId, rpcId: this.stream.rpcId, pendingNumRequested, commitResponse }),
    );
    this.pump.restartTimer();
  }

  /** Each commit gives the client some more time for the next one. */
  private waitForCommit(): void {
    const { managedIdleMs } = this.context.options;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const message = `No CommitReplayRequests sent in the last ${managedIdleMs / 1000} seconds. Closing managed subscription.`;
      this.stream.fail({ reason: 'managed-idle', message });
    }, managedIdleMs);
  }

  private halt(developerName: string, halt: ManagedHalt): void {
    this.answers.flush();
    this.stream.fail(haltRefusal(developerName, halt));
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.answers.discard();
    this.state?.noteDelivered(this.subscription.position);
  }
}

function haltRefusal(developerName: string, halt: ManagedHalt): Refusal {
  return halt === 'stopped'
    ? { reason: 'managed-stopped', message: `The managed subscription "${developerName}" is in the state STOP.` }
    : { reason: 'managed-deleted', message: `The managed subscription "${developerName}" was deleted.` };
}
