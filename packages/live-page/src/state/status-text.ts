import type { Status } from '@rxforce/core';
import type { Happened } from './what-happened.js';

/** What of a status is worth a line: how much it matters, and its words. `undefined` for what happens all the time. */
export function happenedOf(status: Status): Pick<Happened, 'level' | 'text'> | undefined {
  switch (status.type) {
    case 'login':
      return status.ok ? info('logged in') : loginFailed(status.cause);
    case 'live':
      return info('is live');
    case 'waiting':
      return warn(`${failure(status.cause)} It is tried again.`);
    case 'replayReset':
      return error(`does not continue where it was, but from ${status.policy}: events may be missing`);
    case 'pressure':
      return warn('has a full window: nothing more comes until work is done');
    case 'commitFailed':
      return warn(`could not save its position: ${status.cause.message}`);
    case 'commitGap':
      return warn(`is held up by one event that is not settled (${status.replayId.toString()})`);
    case 'settledEarly':
      return warn('has an event that counted as done before an operator got it');
    case 'undecodable':
      return warn(`has an event that cannot be decoded (${status.replayId.toString()})`);
    case 'standby':
      return info('is on standby: another replica has the lease');
    case 'acquired':
      return info('has the lease');
    case 'lost':
      return warn('has lost the lease');
    case 'assigned':
      return info(`asks for ${status.partitions.length} of ${status.of} partitions, among ${status.members} members`);
    case 'draining':
      return info('ends: it waits for the work under way');
    case 'publishWaiting':
      return warn(`could not publish, and tries again: ${status.cause.message}`);
    case 'refused':
      return warn(`did not publish an event: ${status.cause.message}`);
    case 'snapshot':
      return info(snapshotText(status.phase, status.entity));
    case 'closed':
      return status.cause ? error(`has ended with an error: ${status.cause.message}`) : info('has ended');
    case 'connecting':
    case 'connected':
    case 'parked':
    case 'requested':
    case 'received':
    case 'keepalive':
    case 'committed':
    case 'published':
      return undefined;
  }
}

function snapshotText(phase: 'waiting' | 'reading' | 'done', entity: string): string {
  if (phase === 'waiting') return 'waits with its records until the position of the stream is known';
  return phase === 'reading' ? `reads the records of ${entity}` : 'has read all records: events pass';
}

function loginFailed(cause: { readonly message: string; readonly retriable: boolean } | undefined) {
  const text = `the login failed: ${cause?.message ?? 'nobody knows why'}`;
  return cause?.retriable === true ? warn(text) : error(text);
}

function failure(cause: { readonly message: string } | undefined): string {
  return cause === undefined ? 'The server has ended the stream.' : cause.message;
}

const info = (text: string) => ({ level: 'info', text }) as const;
const warn = (text: string) => ({ level: 'warn', text }) as const;
const error = (text: string) => ({ level: 'error', text }) as const;
