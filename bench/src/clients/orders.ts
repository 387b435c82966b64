/** A payload to publish. */
export interface Order {
  readonly CreatedDate: number;
  readonly CreatedById: string;
  readonly Order_Number__c: string;
  readonly City__c: string;
  readonly Status__c: string;
  readonly Carrier__c: string | null;
  readonly Note__c: string | null;
  readonly Total__c: number;
  readonly Paid__c: boolean;
}

/** The user who publishes. */
export const PUBLISHER = '005000000000001AAA';

const STATUSES = ['New', 'Packed', 'Sent', 'Delivered'];
const CREATED_MS = Date.UTC(2026, 0, 15);

let made = 0;

/** Makes an order that differs from the last one. */
export function nextOrder(): Order {
  const number = ++made;
  return {
    CreatedDate: CREATED_MS + number,
    CreatedById: PUBLISHER,
    Order_Number__c: `O-${number}`,
    City__c: number % 3 === 0 ? 'Köln' : 'Springfield',
    Status__c: STATUSES[number % STATUSES.length] ?? 'New',
    Carrier__c: number % 2 === 0 ? 'By road' : null,
    Note__c: null,
    Total__c: (number % 10_000) / 100,
    Paid__c: number % 5 !== 0,
  };
}

/** An order as avsc takes it where a union names its branch. */
export function nextBranchedOrder(): Record<string, unknown> {
  const { CreatedDate, CreatedById, Total__c, Paid__c, ...texts } = nextOrder();
  const branched = Object.entries(texts).map(([name, text]) => [name, text === null ? null : { string: text }]);
  return {
    CreatedDate,
    CreatedById,
    Total__c: { double: Total__c },
    Paid__c: { boolean: Paid__c },
    ...(Object.fromEntries(branched) as object),
  };
}
