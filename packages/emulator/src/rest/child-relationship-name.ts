import type { RestField } from './rest-field.js';

/** The name of an object. */
interface NamedObject {
  readonly name: string;
  readonly labelPlural: string;
}

/**
 * The name of the relationship from an object to its children: `Contacts`, `ChildAccounts`, `Invoices__r`.
 *
 * @returns `null` where the service has no name for it, as for the owner, creator and last modifier of a record.
 */
export function childRelationshipName(
  parent: NamedObject,
  child: NamedObject,
  { name, custom, reference }: RestField,
): string | null {
  if (child.name === 'FieldDefinition') return 'Fields';
  const children = child.labelPlural.replaceAll(' ', child.name.endsWith('__c') ? '_' : '');
  if (custom) return `${children}__r`;
  if (reference?.relationship === parent.name) return child.name.endsWith('__c') ? `${children}__r` : children;
  return name === 'ParentId' ? `Child${children}` : null;
}
