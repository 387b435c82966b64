import { ConfigurationError } from '@rxforce/core/model';
import type { EventDraft } from './change-events.js';
import { type EntityModel, fieldNamed } from './entity-model.js';
import type { FieldChange } from './field-values.js';
import type { FieldValue, FieldValues } from './values.js';

/** Most fields that a channel adds to the events of one object. */
const MOST_ENRICHED_FIELDS = 10;
/** Data types that the service does not add to events: long, rich and encrypted texts, and lists of choices. */
const NEVER_ENRICHED = /^Data:(StringPlusClob|HtmlStringPlusClob|EncryptedText|MultiEnum)(:|$)/;

/**
 * Whether fields can be added to this event, which is so for updates and deletions. Other events carry all values, or
 * are gaps, which never carry any.
 */
export function takesEnrichment({ changeType }: EventDraft): boolean {
  return changeType === 'UPDATE' || changeType === 'DELETE';
}

/**
 * The body of a change event with some fields added from the current record. A field that the event names as changed
 * keeps its value from the event. For a compound with some changed parts, the other parts are added.
 */
export function enrichedBody(draft: EventDraft, fields: readonly string[], now: FieldValues): FieldValues {
  const added: Record<string, FieldValue> = {};
  for (const name of fields) {
    const position = draft.entity.fields.get(name)?.position;
    // A field that is newer than the event is not in its schema.
    if (position !== undefined) {
      const changes = draft.changes.filter((change) => change.position === position);
      added[name] = enrichedValue(changes, draft.body[name] ?? null, now[name] ?? null);
    }
  }
  return { ...draft.body, ...added };
}

function enrichedValue(changes: readonly FieldChange[], inEvent: FieldValue, now: FieldValue): FieldValue {
  if (changes.length === 0) return now;
  const partsChanged = changes.every(({ child }) => child !== undefined);
  return partsChanged && typeof now === 'object' && now !== null ? { ...now, ...(inEvent as object) } : inEvent;
}

/**
 * Checks the fields to add to an object's events.
 *
 * @throws `ConfigurationError` when they are too many, named twice, unknown, or of a type that the service does not
 * add.
 */
export function checkEnrichedFields(entity: EntityModel, names: readonly string[]): void {
  const entityName = entity.definition.name;
  if (names.length > MOST_ENRICHED_FIELDS) {
    throw new ConfigurationError(
      `A channel can add ${MOST_ENRICHED_FIELDS} fields to the events of ${entityName}, and was given ${names.length}.`,
    );
  }
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new ConfigurationError(`${entityName}.${twice} was given twice. Name each enriched field once.`);
  }
  for (const name of names) {
    const { field } = fieldNamed(entity, name);
    if (NEVER_ENRICHED.test(field.doc)) {
      throw new ConfigurationError(
        `${entityName}.${name} cannot be added to events: it is ${field.doc.split(':')[1] ?? ''}. ` +
          'The service adds no long, rich or encrypted text and no list of choices.',
      );
    }
  }
}
