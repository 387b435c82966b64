/**
 * The records of a Salesforce org, in the form that change events have.
 *
 * @packageDocumentation
 */
export { records } from './records.js';
export type { RecordsClient } from './reading/page-source.js';
export type { AllOptions, RecordRead, Records } from './records.js';
export type { RecordsChangesOptions, RecordsReplayOptions } from './changes/changes-options.js';
export type { RecordsOptions } from './records-options.js';
