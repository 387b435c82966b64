import { concatMap, from, map, type Observable } from 'rxjs';
import type { Emulator } from '@rxforce/emulator';
import { once } from './once.js';

/** Something that goes wrong at a point of progress. */
export interface Fault {
  /** The share of all events that were delivered when it happens. */
  readonly at: number;
  readonly text: string;
  readonly strike: (emulator: Emulator) => Promise<void> | void;
}

const FAULTS: readonly Fault[] = [
  {
    at: 0.2,
    text: 'the server is killed, and starts again on the same port a quarter of a second later',
    strike: ({ faults }) => faults.restartServer({ downMs: 250 }),
  },
  {
    at: 0.4,
    text: 'all sessions expire, and the streams are cut: it takes a new login to come back',
    strike: ({ faults }) => faults.expireSessions({ cutExpired: true }),
  },
  {
    at: 0.8,
    text: 'all connections are half-open: there, answering pings, and nothing else comes out of them',
    strike: ({ faults }) => faults.silence(),
  },
];

/** Lets one fault after the other happen to an emulator, each announced before. */
export function faultsAlong(
  progress: () => number,
  emulator: Emulator,
  announce: (fault: Fault) => void,
): Observable<unknown> {
  const strike = async (fault: Fault): Promise<void> => {
    announce(fault);
    await fault.strike(emulator);
  };
  return from(FAULTS).pipe(
    concatMap((fault) => once(() => progress() >= fault.at).pipe(map(() => fault))),
    concatMap(strike),
  );
}
