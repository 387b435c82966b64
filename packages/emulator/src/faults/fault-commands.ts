import type { Faults } from './faults.js';
import type { FaultError } from './fault-error.js';
import { readOptions, text } from '../model/option-checks.js';
import type { LoginError } from './session-faults.js';
import type { StreamOptions } from './stream-faults.js';

/** The unchecked options of a fault: any object. */
export type FaultBody = Readonly<Record<string, unknown>>;

/** A fault that can be requested by name. */
export interface FaultCommand {
  /** Its effect and its options, in one line. */
  readonly summary: string;
  /** Causes the fault, or throws a `ConfigurationError` when its options are not valid. The result can be a promise. */
  run(faults: Faults, body: FaultBody): unknown;
}

/** All faults by name. */
export const FAULT_COMMANDS: Readonly<Record<keyof Faults, FaultCommand>> = {
  dropStreams: takingOptions('dropStreams', 'Ends live streams by RST_STREAM. Takes topic, method. Gives how many.'),
  endStreams: takingOptions('endStreams', 'Ends live streams with status OK. Takes topic, method. Gives how many.'),
  failStreams: {
    summary: 'Ends live streams with an error. Takes status, errorCode, details, topic, method. Gives how many.',
    run: (faults, { topic, method, ...error }) =>
      faults.failStreams(error as unknown as FaultError, { topic, method } as StreamOptions),
  },
  answer: takingOptions(
    'answer',
    'Answers the next calls with an error. Takes status, errorCode, details, method, times.',
  ),
  stopServer: takingNothing('stopServer', 'Cuts all gRPC connections and frees the port.'),
  startServer: takingNothing('startServer', 'Listens again on the same port, with the same log.'),
  restartServer: takingOptions('restartServer', 'Stops and starts the gRPC server. Takes downMs.'),
  goAway: takingNothing('goAway', 'Sends GOAWAY on all connections; streams that live go on until they end.'),
  silence: takingOptions('silence', 'Makes connections half-open. Takes forMs, pings, scope (existing or all).'),
  unsilence: takingNothing('unsilence', 'Serves new calls on silent connections again.'),
  expireSessions: takingOptions('expireSessions', 'Refuses all access tokens so far. Takes cutExpired.'),
  refuseLogins: {
    summary: 'Refuses the next logins. Takes times, error (status, error, description).',
    run: (faults, body) => {
      const { times, error } = readOptions<{ times: unknown; error: unknown }>('refuseLogins', body, {
        times: asItIs,
        error: asItIs,
      });
      faults.refuseLogins(times as number | undefined, error as LoginError | undefined);
    },
  },
  logins: takingNothing('logins', 'Gives how many logins were answered with an access token.'),
  expireReplayIds: takingOptions('expireReplayIds', 'Drops the log so far, as if it were too old. Takes topic.'),
  resetOrg: takingNothing('resetOrg', 'Empties the log, and makes all replay ids so far invalid.'),
  switchSchema: {
    summary: "Adds a field in the middle of an object's schema. Takes entity. Gives the id of the schema.",
    run: (faults, body) => faults.switchSchema(readOptions('switchSchema', body, { entity: text }).entity),
  },
  corruptPayload: takingOptions('corruptPayload', 'Makes the next payloads undecodable. Takes topic, times.'),
  losePublishes: takingOptions(
    'losePublishes',
    'Performs the next publishes, and resets their streams in place of an answer. Takes topic, method, times.',
  ),
  failEvents: takingOptions('failEvents', 'Lets single events fail to be published. Takes topic, times, details.'),
  failCommits: takingOptions(
    'failCommits',
    'Lets the next commits of managed subscriptions fail. Takes subscription, times, details.',
  ),
  sendGaps: takingOptions('sendGaps', 'Reports the next transactions by gap events. Takes entity, times.'),
  sendOverflow: takingOptions(
    'sendOverflow',
    'Reports the next transactions by an overflow event for each object. Takes entity, times, after.',
  ),
  lagQueries: takingOptions('lagQueries', 'Lets reads of records answer as of a while ago. Takes lagMs.'),
  delayCommits: takingOptions(
    'delayCommits',
    'Lets transactions stay open after their changes. Takes delayMs, atRandom, entity, times.',
  ),
  commitNow: takingNothing('commitNow', 'Commits all open transactions. Gives how many.'),
  skewStamps: takingOptions('skewStamps', 'Lets the clock of stamps differ from that of commits. Takes skewMs.'),
  touchRecords: takingOptions(
    'touchRecords',
    'Moves SystemModstamp to now, and nothing else. Takes entity, ids. Gives how many.',
  ),
  limitRequests: takingOptions('limitRequests', "Leaves few REST requests of the day's limit. Takes remaining."),
  expireCursors: takingNothing('expireCursors', 'Closes all query cursors. Gives how many.'),
  failJobs: takingOptions(
    'failJobs',
    'Lets the next bulk jobs that read records fail. Takes state, errorMessage, times.',
  ),
  expireJobs: takingNothing('expireJobs', 'Removes all bulk jobs that read records, with results. Gives how many.'),
  slow: takingOptions('slow', 'Delays responses from now on. Takes responseDelayMs.'),
  responses: takingOptions('responses', 'Splits or merges responses from now on. Takes maxEvents, merge, mergeMs.'),
  redeliver: takingOptions('redeliver', 'Sends the last events of streams again. Takes events, topic. Gives how many.'),
};

/** A fault that takes its options as one object, and checks them itself. */
function takingOptions(name: keyof Faults, summary: string): FaultCommand {
  return { summary, run: (faults, body) => (faults[name] as (options: FaultBody) => unknown)(body) };
}

/** A fault without options. */
function takingNothing(name: keyof Faults, summary: string): FaultCommand {
  return {
    summary,
    run: (faults, body) => {
      readOptions(name, body, {});
      return (faults[name] as () => unknown)();
    },
  };
}

/** Returns the value unchecked, because the fault itself checks it. */
function asItIs(_path: string, value: unknown): unknown {
  return value;
}
