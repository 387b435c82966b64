/**
 * What the packages of rxforce share with each other. **Unstable**: only for sibling packages of the same version,
 * without any promise of compatibility. Applications and other libraries import nothing from here.
 *
 * Nothing of the network is loaded by it.
 *
 * @packageDocumentation
 */
export { checkCount, checkFunction, checkWait } from './model/argument-checks.js';
export { plainError, sentence } from './model/plain-error.js';
export { fnv1a } from './model/partition.js';
export { LONGEST_TIMER_MS, wholeNumber } from './model/whole-number.js';
export { mayGenerateCode } from './model/generated-code.js';
export { errorIn, reasonOf } from './model/answer.js';
export { deliveryInScope } from './delivery/scope.js';
export { readElsewhere } from './delivery/delivery-of.js';
export { keepFrame } from './delivery/subscribing.js';
export { FailureRow } from './ports/failure-row.js';
export { CALLS_A_LIFE, inGroup } from './log/group-member.js';
export { fencedWriter, logErrors, writerGap } from './ports/log-errors.js';
export { checkFence, damagedPosition, lostLock, outdatedFence, storeCallFailed } from './ports/store-errors.js';
export { readByDemand } from './ports/log-reading.js';
export { appendedAnswer, logFailed, openedAnswer, schemaKeptAnswer } from './ports/log-answers.js';
export { loadedPosition, savedAnswer, saysFailure, storeFailed } from './ports/store-answers.js';
export { CONSOLE, resolveLogger } from './ports/safe-logger.js';
export {
  codeOf,
  describeFailure,
  EXISTING_FILE,
  FILE_MODE,
  makeDirectory,
  syncDirectory,
} from './stores/private-files.js';
export { retryTransient } from './stream-life/retry-transient.js';
export { callProject, isMisuse } from './work/call-project.js';
export { failedEventsOf, noteFailure } from './work/failed-work.js';
export { keyedWork, timeLimit } from './work/keyed-work.js';
export { itemsOf, membersOf } from './work/members.js';
export { recordIdsOf } from './work/record-ids.js';
export type { RetryContext } from './stream-life/retry-transient.js';
export type { EngineFailure } from './ports/engine-failure.js';
export type { FailureCount } from './ports/failure-row.js';
export type { GroupMember, GroupRules } from './log/group-member.js';
export type { LogErrors, LogErrorWords, PositionProblem } from './ports/log-errors.js';
export type { LogReader } from './ports/log-reading.js';
export type { DroppedUnread, EventLog, LogEntry, LogInfo } from './ports/event-log.js';
export type { SubscriptionStatus } from './ports/status.js';
export type { FileFailure } from './stores/private-files.js';
export type { Work, WorkResult } from './work/call-project.js';
export type { FailedEvent } from './work/failed-work.js';
export type { KeyedWorkRules, WorkClaim } from './work/keyed-work.js';
export type { ItemOf } from './work/members.js';
export type {
  WireCommitRequest,
  WireCommitResponse,
  WireError,
  WireManagedFetchRequest,
  WireManagedFetchResponse,
  WireEventHeader,
  WireProducerEvent,
  WirePublishRequest,
  WirePublishResponse,
  WirePublishResult,
} from './ports/wire.js';
