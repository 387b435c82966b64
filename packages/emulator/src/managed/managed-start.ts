import { WireReplayPreset, type WireFetchRequest } from '@rxforce/core/codec';
import type { WireCommitRequest, WireManagedFetchRequest } from '@rxforce/core/internal';
import type { Bus } from '../bus/bus.js';
import type { Refusal } from '../model/refusal.js';
import type { ManagedState } from './managed-state.js';
import type { ManagedPreset } from './managed-subscription.js';
import type { ManagedSubscriptions } from './managed-subscriptions.js';

/** A ManagedFetchRequest as the server reads it, with defaults for missing fields. */
export interface ManagedRequest extends Required<Omit<WireManagedFetchRequest, 'commitReplayIdRequest'>> {
  readonly commitReplayIdRequest: WireCommitRequest | null;
}

/** What is wrong with a request, independent of its subscription. */
export function checkManagedRequest(request: ManagedRequest, isFirst: boolean): Refusal | undefined {
  const { numRequested, commitReplayIdRequest } = request;
  if (numRequested < 0) {
    const message = 'The number of events requested in ManagedFetchRequest must not be less than zero.';
    return { reason: 'managed-events-invalid', message };
  }
  if (commitReplayIdRequest !== null) {
    const message = 'The first ManagedFetchRequest cannot have a CommitReplayRequest.';
    return isFirst ? { reason: 'managed-commit-restricted', message } : undefined;
  }
  const message = 'A ManagedFetchRequest must request events, or have a CommitReplayRequest.';
  return numRequested === 0 ? { reason: 'managed-request-empty', message } : undefined;
}

/** The subscription that the first request of a call names. */
export function namedSubscription(
  managed: ManagedSubscriptions,
  { subscriptionId, developerName }: ManagedRequest,
): ManagedState | Refusal {
  if ((subscriptionId === '') === (developerName === '')) {
    const message = 'The first ManagedFetchRequest must have either a subscription ID or a developer name.';
    return { reason: 'managed-name-invalid', message };
  }
  if (subscriptionId === '') {
    const message = `There is no managed subscription with the developer name "${developerName}".`;
    return managed.stateNamed(developerName) ?? { reason: 'managed-name-unknown', message };
  }
  if (subscriptionId.length !== 15 && subscriptionId.length !== 18) {
    const message = 'The ID of a managed subscription has 15 or 18 characters.';
    return { reason: 'managed-id-invalid', message };
  }
  const message = `There is no managed subscription with the ID "${subscriptionId}".`;
  return managed.state(subscriptionId) ?? { reason: 'managed-id-unknown', message };
}

/** Checks that a later request names the same subscription, or none. */
export function checkSameSubscription(
  managed: ManagedSubscriptions,
  state: ManagedState,
  { subscriptionId, developerName }: ManagedRequest,
): Refusal | undefined {
  const isSame =
    (subscriptionId === '' || managed.state(subscriptionId) === state) &&
    (developerName === '' || managed.stateNamed(developerName) === state);
  const message = 'The managed subscription of a call cannot change.';
  return isSame ? undefined : { reason: 'managed-mismatch', message };
}

/** Where a managed subscription starts: after the committed position, or where its settings say. */
export function managedStart(
  bus: Bus,
  { record, position }: ManagedState,
): Pick<WireFetchRequest, 'topicName' | 'replayPreset' | 'replayId'> {
  const { topicName, defaultReplay, errorRecoveryReplay } = record;
  const topic = bus.topic(topicName);
  if (position === undefined) return { topicName, replayPreset: presetOf(defaultReplay) };
  return topic === undefined || bus.locate(topic, position) === undefined
    ? { topicName, replayPreset: presetOf(errorRecoveryReplay) }
    : { topicName, replayPreset: WireReplayPreset.CUSTOM, replayId: position };
}

function presetOf(preset: ManagedPreset): WireReplayPreset {
  return preset === 'EARLIEST' ? WireReplayPreset.EARLIEST : WireReplayPreset.LATEST;
}
