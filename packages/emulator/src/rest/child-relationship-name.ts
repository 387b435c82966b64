import type { RestField } from './rest-field.js';

/** An object, as far as its name goes. */
interface NamedObject {
  readonly name: string;
  readonly labelPlural: string;
}

/**
 * What the way from an object to its children is called: `Contacts`, `ChildAccounts`, `Invoices__r`.
 *
 * @returns `null` where the service has no name for it: who owns, made or changed a record is not asked that way.
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
