import { SettledEarlyError, UnheldError, type RxforceError } from '../model/errors.js';
import type { KeptFinding } from '../delivery/subscribing.js';
import { idOf } from '../delivery/delivery-errors.js';
import type { ReplayId } from '../model/replay-id.js';

const FIX =
  "Import it from '@rxforce/operators/rxjs', where it holds the events it keeps, or do the work in handle() or a function " +
  'given to subscribe() that returns its promise.';
const NOTHING_LOST = 'The position stays before the first of them, so they come again.';

/** A plain operator keeps events past their settlement. */
export function keptError(topic: string, finding: KeptFinding, replayId: ReplayId | undefined): SettledEarlyError {
  const { place, afterWork, inPart, how, builtAt } = finding;
  const before = afterWork ? 'the last one that works' : 'the stream';
  const where = `${topic}: the ${ordinal(place)} operator after ${inPart ? `a group or window of the values of ${before}` : before}`;
  const line = builtAt === undefined ? '' : ` (its pipe() is at ${builtAt})`;
  const what = {
    late: 'keeps events past their settlement: they had counted as done when it emitted them, so a crash would lose them',
    collected: 'keeps events past their settlement, to emit them together: a crash before would lose them',
    unheard:
      'emitted a group or window that nobody subscribed to at once, and what comes in it meanwhile is dropped: subscribe ' +
      'to each group in mergeMap(), and filter before the groups are made',
  }[how];
  const fix = how === 'unheard' ? 'With groupBy of @rxforce/operators/rxjs, groups that wait keep their events.' : FIX;
  return new SettledEarlyError(`${where}${line} ${what}. ${fix} ${NOTHING_LOST}`, detailsOf(topic, replayId));
}

/** Values came late to an operator that holds events, through an opaque Observable. */
export function lateError(topic: string, replayId: ReplayId | undefined): SettledEarlyError {
  return new SettledEarlyError(
    `An operator that holds events of ${topic} is given values whose events have counted as done already, so a crash would ` +
      'lose them. Something before it keeps events (delay, concatMap with a promise, bufferTime, …), and follows a static ' +
      `merge(), a Subject or an Observable made by hand. ${FIX} ${NOTHING_LOST}`,
    detailsOf(topic, replayId),
  );
}

/** An operator that holds events received one that was already settled. */
export function settledEarlyError(topic: string, title: string, replayId: ReplayId): SettledEarlyError {
  return new SettledEarlyError(
    `An operator received ${title} of ${topic} after it had counted as done, so a ` +
      'crash would lose it. An operator upstream kept the event without a hold (delay, concatMap with a promise, ' +
      `bufferCount, observeOn, …). ${FIX} ${NOTHING_LOST}`,
    detailsOf(topic, replayId),
  );
}

/** Nothing works on the events. */
export function unheldError(topic: string, replayId: ReplayId | undefined): UnheldError {
  return new UnheldError(
    `Nothing after the stream of ${topic} is known to work on its events, so they would count as done before their work is, ` +
      'and a crash would lose them. Do the work in handle(save), or in a function given to subscribe() that returns its ' +
      "promise. Where all of it is done within the call, say settle: 'on-return'. Nothing was committed past the first event.",
    detailsOf(topic, replayId),
  );
}

/** The last subscriber is synchronous, as far as can be seen. */
export function returnedWarning(topic: string): string {
  return (
    `${topic}: events count as done when your subscriber returns. Where it starts work that goes on after that, a crash ` +
    "loses it: return the promise, or use handle(). Where it does not, say settle: 'on-return', and this is not said again."
  );
}

/** No work was seen, and filters that drop everything are a possible reason: they look as what keeps events does. */
export function unseenWarning(topic: string): string {
  return (
    `${topic}: for ten minutes nothing after the stream was seen to work, and nothing came out of its operators, so filters are ` +
    'taken to have dropped all events, and the position moves on. Where an operator keeps them (bufferCount), or does the work and ' +
    "gives nothing on (concatMap), a crash loses them: import it from '@rxforce/operators/rxjs', or do the work in handle()."
  );
}

/** The subscription ended before anything worked. */
export function endedUnheld(topic: string): string {
  return (
    `${topic}: the subscription ended, and nothing was seen to work on its events, so its position has not moved: they come ` +
    'again. Do the work in handle(save), and end with limit(n) in place of take(n).'
  );
}

/** The subscription was cut off while something after the work had withheld values. */
export function endedInDoubt(topic: string): string {
  return (
    `${topic}: the subscription was ended within 10 s, while an operator after the work had withheld values, as a filter does, and ` +
    'as work does. So its position has not moved: the events come again. End with client.drain() or limit(n), or do all of the ' +
    'work in handle().'
  );
}

/** Where the position could not be taken back. */
export function committedAhead(error: RxforceError, before: ReplayId | undefined, ahead: ReplayId): RxforceError {
  const message =
    `${error.message.replace(` ${NOTHING_LOST}`, '')} The position ${ahead.toString()} is committed already, or on its way, and could ` +
    `not be taken back: read again from ${before === undefined ? 'the start' : `replay id ${before.toString()}`} to there.`;
  const { topic, replayId } = error;
  const details = { ...(topic !== undefined && { topic }), ...(replayId !== undefined && { replayId }) };
  return error instanceof UnheldError ? new UnheldError(message, details) : new SettledEarlyError(message, details);
}

/** Where values were reported as settled before it was found that nothing had worked on them. */
export function reportedAhead(error: RxforceError): RxforceError {
  return new SettledEarlyError(
    `${error.message.replace(` ${NOTHING_LOST}`, '')} Some of them were reported as settled before, and do not come again.`,
    error.topic === undefined ? {} : { topic: error.topic },
  );
}

function detailsOf(topic: string, replayId: ReplayId | undefined) {
  return { topic, ...idOf(replayId) };
}

function ordinal(place: number): string {
  const ending = { 1: 'st', 2: 'nd', 3: 'rd' }[place % 10];
  return `${place}${Math.floor((place % 100) / 10) === 1 ? 'th' : (ending ?? 'th')}`;
}
