export {
  countOf,
  expectError,
  expectRejection,
  idOf,
  KEY,
  rejection,
  type ExpectedError,
} from '../../../core/test/support/stored-positions.js';

/** The key that `KEY` has in a bucket. */
export const PLACE = '00D000000000001.=2Fdata=2FAccountChangeEvent.crm-sync';
