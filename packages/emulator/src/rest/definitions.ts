import { changeEventName } from '../org/entity.js';
import type { MemoryOrg } from '../org/org.js';
import { FIELD_TYPES, text } from './field-types.js';
import { type PlainValues, ReadOnlyObject, type ReadOnlySpec } from './read-only-object.js';
import type { RestField } from './rest-field.js';
import { labelOf } from './rest-field.js';
import type { ObjectDirectory, RestObject } from './rest-object.js';

const NAME = text('string', 255);
const { Boolean: FLAG, Integer: NUMBER } = FIELD_TYPES;

const ENTITY_DEFINITION: ReadOnlySpec = {
  name: 'EntityDefinition',
  keyPrefix: '4ie',
  key: 'DurableId',
  fields: {
    DurableId: NAME,
    QualifiedApiName: NAME,
    DeveloperName: NAME,
    Label: NAME,
    MasterLabel: NAME,
    PluralLabel: NAME,
    NamespacePrefix: NAME,
    KeyPrefix: text('string', 3),
    IsQueryable: FLAG,
    IsCustomizable: FLAG,
    IsCustomSetting: FLAG,
    IsDeprecatedAndHidden: FLAG,
    IsEverCreatable: FLAG,
    IsEverUpdatable: FLAG,
    IsEverDeletable: FLAG,
  },
};

const FIELD_DEFINITION: ReadOnlySpec = {
  name: 'FieldDefinition',
  keyPrefix: '4fe',
  key: 'DurableId',
  fields: {
    DurableId: NAME,
    EntityDefinitionId: NAME,
    QualifiedApiName: NAME,
    DeveloperName: NAME,
    Label: NAME,
    MasterLabel: NAME,
    NamespacePrefix: NAME,
    DataType: NAME,
    Length: NUMBER,
    IsNillable: FLAG,
    IsCompound: FLAG,
    IsIndexed: FLAG,
    RelationshipName: NAME,
  },
  references: { EntityDefinitionId: { to: ['EntityDefinition'], relationship: 'EntityDefinition' } },
};

/** The objects that list the org's objects and fields: `EntityDefinition` and `FieldDefinition`. */
export function definitions(org: Pick<MemoryOrg, 'entities' | 'platformEvents'>, directory: ObjectDirectory) {
  const entities = () => [...directory.list().map(entityOf), ...eventNames(org).map(eventEntityOf)];
  const fields = () => directory.list().flatMap((object) => object.fields.map((field) => fieldOf(object, field)));
  return [
    new ReadOnlyObject(ENTITY_DEFINITION, directory, entities),
    new ReadOnlyObject(FIELD_DEFINITION, directory, fields),
  ];
}

function entityOf({ info: { name, label, labelPlural, keyPrefix, writable } }: RestObject): PlainValues {
  return {
    ...namesOf(name, label),
    PluralLabel: labelPlural,
    KeyPrefix: keyPrefix,
    IsQueryable: true,
    IsCustomizable: writable,
    IsEverCreatable: writable,
    IsEverUpdatable: writable,
    IsEverDeletable: writable,
  };
}

function eventNames(org: Pick<MemoryOrg, 'entities' | 'platformEvents'>): string[] {
  return [...org.entities().map(({ name }) => changeEventName(name)), ...org.platformEvents().map(({ name }) => name)];
}

function eventEntityOf(name: string): PlainValues {
  const label = labelOf(name);
  const creatable = name.endsWith('__e');
  return {
    ...namesOf(name, label),
    PluralLabel: `${label}s`,
    KeyPrefix: null,
    IsQueryable: false,
    IsCustomizable: creatable,
    IsEverCreatable: creatable,
    IsEverUpdatable: false,
    IsEverDeletable: false,
  };
}

function namesOf(name: string, label: string): PlainValues {
  return {
    DurableId: name,
    QualifiedApiName: name,
    DeveloperName: name.replace(/__[a-z]+$/, ''),
    Label: label,
    MasterLabel: label,
    NamespacePrefix: null,
    IsCustomSetting: false,
    IsDeprecatedAndHidden: false,
  };
}

function fieldOf(object: RestObject, field: RestField): PlainValues {
  const { name, label, type, required, defaulted, reference, externalId, place } = field;
  return {
    DurableId: `${object.name}.${name}`,
    EntityDefinitionId: object.name,
    QualifiedApiName: name,
    DeveloperName: name.replace(/__[cs]$/, ''),
    Label: label,
    MasterLabel: label,
    NamespacePrefix: null,
    DataType: dataTypeOf(object, field),
    Length: type.length,
    IsNillable: !required && !defaulted,
    IsCompound: type.kind === 'compound',
    IsIndexed: externalId || place.type === 'id',
    RelationshipName: reference?.relationship ?? null,
  };
}

/** The data type, as Setup shows it: `Text(255)`, `Lookup(Account)`, `Checkbox`. */
function dataTypeOf(object: RestObject, field: RestField): string {
  const { type, length } = field.type;
  switch (type) {
    case 'id':
    case 'reference':
      return field.place.type === 'id' ? 'Lookup()' : `Lookup(${object.targetOf(field)?.name ?? ''})`;
    case 'string':
      return `Text(${length})`;
    case 'textarea':
      return `Long Text Area(${length})`;
    case 'boolean':
      return 'Checkbox';
    case 'double':
    case 'int':
      return 'Number(18, 0)';
    case 'datetime':
      return 'Date/Time';
    case 'multipicklist':
      return 'Picklist (Multi-Select)';
    default:
      return type.charAt(0).toUpperCase() + type.slice(1);
  }
}
