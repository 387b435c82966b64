/**
 * TypeScript types from the schemas of an org's events: the parts of the command `rxforce-codegen`.
 *
 * @packageDocumentation
 */
export { eventTypes } from './event-type.js';
export { generateTypes } from './generate-types.js';
export type { EventType, TopicSchema } from './event-type.js';
export type { PickListValues } from './render-types.js';
export type { FieldType, NamedType, ValueType } from './value-type.js';
