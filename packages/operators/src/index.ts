/**
 * Pipeable operators for Salesforce change events.
 *
 * @packageDocumentation
 */
export { byChangeType } from './by-change-type.js';
export { filterField } from './filter-field.js';
export { handle } from './handle.js';
export { limit } from './limit.js';
export type { FieldEvent, FieldOperand, FieldOperator, FieldPath } from './filter-field.js';
export type { HandleOptions } from './handle.js';
