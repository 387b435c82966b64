import type { ChangeEvent, EventFields, FieldKind, Logger } from '@rxforce/core/model';

/** What a client knows of the fields of the events that `ofClient` makes. */
export const KINDS: Readonly<Record<string, readonly FieldKind[]>> = {
  Name: ['text', 'compound'],
  'Name.FirstName': ['text'],
  Amount: ['number'],
  Active: ['boolean'],
  Photo: ['bytes'],
  BillingAddress: ['compound'],
  'BillingAddress.City': ['text'],
};

/** How a test's event is to be known. */
export interface KnownFields {
  readonly kinds?: Readonly<Record<string, readonly FieldKind[]>>;
  /** The subscription's `fields`. */
  readonly wanted?: readonly string[];
}

/** The event as a client hands it out, which knows the fields of its schema. */
export function ofClient<E extends Pick<ChangeEvent, 'header'>>(
  event: E,
  logger: Logger = { warn: () => undefined },
  { kinds = KINDS, wanted }: KnownFields = {},
): E {
  const fields: EventFields = {
    eventName: `${event.header.entityName}ChangeEvent`,
    schemaJson: '{}',
    kindsOf: (path) => kinds[path],
    closestTo: (path) => ({ Amuont: 'Amount', BillingCity: 'BillingAddress.City' })[path],
    isRead: (path) => wanted?.includes(path.split('.')[0]!) ?? true,
    logger,
  };
  return { ...event, [Symbol.for('@rxforce/core/fields/1')]: fields };
}
