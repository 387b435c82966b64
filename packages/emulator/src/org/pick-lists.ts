/**
 * The values of pick lists, by object and field. Records may have other values, too: pick lists are not restricted
 * here.
 */
export const PICK_LISTS = {
  Account: {
    Type: ['Prospect', 'Customer - Direct', 'Customer - Channel', 'Technology Partner'],
    Industry: ['Banking', 'Biotechnology', 'Construction', 'Energy', 'Insurance', 'Manufacturing', 'Retail'],
    Rating: ['Hot', 'Warm', 'Cold'],
    AccountSource: ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List'],
    Segment__c: ['Enterprise', 'Mid-Market', 'Small Business'],
    Product_Lines__c: ['Pumps', 'Valves', 'Sensors'],
  },
  Contact: {
    LeadSource: ['Web', 'Phone Inquiry', 'Partner Referral', 'Trade Show'],
  },
  Lead: {
    Status: ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted', 'Closed - Not Converted'],
    Rating: ['Hot', 'Warm', 'Cold'],
    Industry: ['Banking', 'Energy', 'Insurance', 'Retail'],
    LeadSource: ['Web', 'Phone Inquiry', 'Trade Show'],
  },
  Opportunity: {
    StageName: ['Prospecting', 'Qualification', 'Proposal/Price Quote', 'Negotiation/Review', 'Closed Won'],
  },
  Project__c: {
    Status__c: ['Planned', 'Running', 'On Hold', 'Done'],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The values of a pick list; none for a field without a list, or for an unknown field. */
export function pickListOf(object: string, field: string): readonly string[] {
  const lists: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = PICK_LISTS;
  return lists[object]?.[field] ?? [];
}
