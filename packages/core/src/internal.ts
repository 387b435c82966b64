/**
 * What the packages of rxforce share with each other. **Unstable**: only for sibling packages of the same version, without
 * any promise of compatibility. Applications and other libraries import nothing from here.
 *
 * @packageDocumentation
 */
export { LONGEST_TIMER_MS, wholeNumber } from './model/whole-number.js';
export type {
  WireCommitRequest,
  WireCommitResponse,
  WireError,
  WireManagedFetchRequest,
  WireManagedFetchResponse,
  WireProducerEvent,
  WirePublishRequest,
  WirePublishResponse,
  WirePublishResult,
} from './ports/wire.js';
