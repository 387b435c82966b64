import { customFields, type Field } from './field.js';

/** A platform event of the org: something clients publish. */
export interface PlatformEventDefinition {
  /** API name, which ends with `__e`. */
  readonly name: string;
  readonly fields: readonly Field[];
}

/** The platform events of the emulated org. */
export const PLATFORM_EVENTS: readonly PlatformEventDefinition[] = [
  {
    name: 'Order_Event__e',
    fields: customFields(1500, {
      Order_Number__c: 'Text',
      Status__c: 'Text',
      Amount__c: 'Double',
      Has_Shipped__c: 'Boolean',
      Ordered_At__c: 'DateTime',
      Comment__c: 'StringPlusClob',
    }),
  },
];
