import { type ChangeFaults, changeFaults } from './change-faults.js';
import type { FaultContext } from './fault-context.js';
import { type LogFaults, logFaults } from './log-faults.js';
import { type ManagedFaults, managedFaults } from './managed-faults.js';
import { type PublishFaults, publishFaults } from './publish-faults.js';
import { type RecordFaults, recordFaults } from './record-faults.js';
import { type ResponseFaults, responseFaults } from './response-faults.js';
import { type RestFaults, restFaults } from './rest-faults.js';
import { type ServerFaults, serverFaults } from './server-faults.js';
import { type SessionFaults, sessionFaults } from './session-faults.js';
import { type StreamFaults, streamFaults } from './stream-faults.js';

/** The faults between a client and the service, on command. */
export interface Faults
  extends
    StreamFaults,
    ServerFaults,
    SessionFaults,
    LogFaults,
    ResponseFaults,
    PublishFaults,
    ManagedFaults,
    ChangeFaults,
    RecordFaults,
    RestFaults {}

/** Makes the faults of an emulator. */
export function createFaults(context: FaultContext): Faults {
  return {
    ...streamFaults(context),
    ...serverFaults(context),
    ...sessionFaults(context),
    ...logFaults(context),
    ...responseFaults(context),
    ...publishFaults(context),
    ...managedFaults(context),
    ...changeFaults(context),
    ...recordFaults(context),
    ...restFaults(context),
  };
}
