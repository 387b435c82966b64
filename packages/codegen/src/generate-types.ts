import type { EventType } from './event-type.js';
import { renderTypes, type PickListValues } from './render-types.js';
import { typeNames } from './type-names.js';

/**
 * The TypeScript module that describes the data of events, formatted. The same schemas always give the same text.
 *
 * @param values - Values of pick lists, by `Object.Field`. Without them, pick lists are strings.
 */
export function generateTypes(events: readonly EventType[], values: PickListValues = new Map()): string {
  return renderTypes(events, typeNames(events), values);
}
