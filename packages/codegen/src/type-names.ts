import type { EventType } from './event-type.js';
import type { NamedType, ValueType } from './value-type.js';

/** Identifiers of everything that the generated module declares. */
export interface TypeNames {
  /** The interface of the events' data. */
  interfaceOf(event: EventType): string;
  /** The alias of the change event; only for changes. */
  changeOf(event: EventType): string;
  /** A type that an event's schema defines. */
  definitionOf(event: EventType, definition: NamedType): string;
  /** The types that schemas define, each once, sorted by identifier. */
  readonly definitions: readonly NamedDefinition[];
}

/** A type of a schema, with the event that its name belongs to. */
export interface NamedDefinition {
  readonly identifier: string;
  readonly owner: EventType;
  readonly definition: NamedType;
}

/** Names that an interface cannot have, and names that the module itself uses. */
const TAKEN = [
  ...['any', 'bigint', 'boolean', 'never', 'null', 'number', 'object', 'string', 'symbol', 'undefined', 'unknown'],
  ...['break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete', 'do', 'else', 'enum'],
  ...['export', 'extends', 'false', 'finally', 'for', 'function', 'if', 'import', 'in', 'instanceof', 'new', 'return'],
  ...['super', 'switch', 'this', 'throw', 'true', 'try', 'typeof', 'var', 'void', 'while', 'with', 'yield', 'await'],
  ...['abstract', 'asserts', 'globalThis', 'infer', 'keyof', 'readonly', 'unique'],
  ...['implements', 'interface', 'let', 'package', 'private', 'protected', 'public', 'static'],
  ...['ChangeEvent', 'Entities', 'PickList', 'PickListValues', 'PickLists', 'Record', 'Topics', 'Uint8Array'],
] as const;

/**
 * Names all declarations. Objects and platform events keep their API names. A type that schemas define is shared where
 * all types of that name are alike; otherwise it is named after its owner: `Account_Address`. A name that is taken gets
 * a `_` at its end.
 */
export function typeNames(events: readonly EventType[]): TypeNames {
  const taken = new Set<string>(TAKEN);
  const free = (wanted: string): string => {
    let name = wanted;
    while (taken.has(name)) name += '_';
    taken.add(name);
    return name;
  };
  const interfaces = new Map(events.map((event) => [event, free(event.name)]));
  const changes = new Map(
    events
      .filter(({ kind }) => kind === 'changes')
      .map((event) => [event, free(event.eventName.replace(/Event$/, ''))]),
  );
  const { definitions, identifiers } = nameDefinitions(events, taken, free);
  return {
    interfaceOf: (event) => interfaces.get(event) ?? event.name,
    changeOf: (event) => changes.get(event) ?? event.eventName,
    definitionOf: (event, definition) => identifiers.get(ownKey(event, definition)) ?? definition.name,
    definitions,
  };
}

function nameDefinitions(events: readonly EventType[], taken: ReadonlySet<string>, free: (wanted: string) => string) {
  const identifiers = new Map<string, string>();
  const definitions: NamedDefinition[] = [];
  for (const [name, found] of byName(events)) {
    const shared = new Set(found.map(({ definition }) => shapeOf(definition))).size === 1 && !taken.has(name);
    const named = new Map<string, string>();
    for (const { owner, definition } of found) {
      const key = shared ? name : ownKey(owner, definition);
      let identifier = named.get(key);
      if (identifier === undefined) {
        identifier = free(shared ? name : `${owner.name}_${name}`);
        named.set(key, identifier);
        definitions.push({ identifier, owner, definition });
      }
      identifiers.set(ownKey(owner, definition), identifier);
    }
  }
  definitions.sort((a, b) => (a.identifier < b.identifier ? -1 : 1));
  return { definitions, identifiers };
}

interface Found {
  readonly owner: EventType;
  readonly definition: NamedType;
}

/** All types that schemas define, by their names in the schemas. */
function byName(events: readonly EventType[]): ReadonlyMap<string, readonly Found[]> {
  const found = new Map<string, Found[]>();
  for (const owner of events) {
    for (const definition of owner.fields.flatMap(({ type }) => definitionsIn(type))) {
      const { name } = definition;
      found.set(name, [...(found.get(name) ?? []), { owner, definition }]);
    }
  }
  return found;
}

function definitionsIn(type: ValueType): readonly NamedType[] {
  switch (type.type) {
    case 'array':
      return definitionsIn(type.items);
    case 'map':
      return definitionsIn(type.values);
    case 'union':
      return type.branches.flatMap(definitionsIn);
    case 'named': {
      const { definition } = type;
      const inner = definition.kind === 'record' ? definition.fields.flatMap((field) => definitionsIn(field.type)) : [];
      return [definition, ...inner];
    }
    case 'keyword':
    case 'pick-list':
      return [];
  }
}

/** Types are alike when they have the same content, documentation included. */
function shapeOf(definition: NamedType): string {
  return JSON.stringify(definition);
}

function ownKey({ topic }: EventType, definition: NamedType): string {
  return `${topic} ${shapeOf(definition)}`;
}
