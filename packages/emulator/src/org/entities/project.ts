import type { EntityDefinition } from '../entity.js';
import { auditFields, customFields, data, reference } from '../field.js';

/** A custom object. Its change events are called `Project__ChangeEvent`, without the `c`. */
export const project: EntityDefinition = {
  name: 'Project__c',
  keyPrefix: 'a00',
  defaults: {},
  fields: [
    reference('OwnerId'),
    data('Name', 'Text'),
    ...auditFields(),
    ...customFields(1400, {
      Is_Billable__c: 'Boolean',
      Budget__c: 'Currency',
      Starts_On__c: 'DateOnly',
      Kickoff__c: 'DateTime',
      Lead_Email__c: 'Email',
      Site__c: 'Location',
      Warehouse__c: 'Location',
      Hours_Planned__c: 'Double',
      Completion__c: 'Percent',
      Hotline__c: 'Phone',
      Status__c: 'DynamicEnum',
      Skills__c: 'MultiEnum',
      Summary__c: 'Text',
      Report__c: 'HtmlStringPlusClob',
      Contract_Number__c: 'EncryptedText',
      Stand_Up__c: 'TimeOnly',
      Board__c: 'Url',
      Description__c: 'StringPlusClob',
      ERP_Key__c: 'Text',
    }),
  ],
};
