import type { FieldInput, RecordInput } from '../org/field-values.js';
import { PICK_LISTS } from '../org/pick-lists.js';
import type { Random } from '../model/random.js';

/** Makes a value for one field. */
export type ValueMaker = (random: Random) => FieldInput;

/** The fields a load sets, by object. The first of each names the record: it is always set and never emptied. */
export const FIELD_VALUES: Readonly<Record<string, Readonly<Record<string, ValueMaker>>>> = {
  Account: {
    Name: company,
    Type: oneOf(...PICK_LISTS.Account.Type),
    Industry: oneOf(...PICK_LISTS.Account.Industry),
    Phone: phone,
    Website: (random) => `https://www.${slug(random)}.example`,
    AnnualRevenue: amount(50_000_000),
    NumberOfEmployees: (random) => 1 + random.below(20_000),
    Rating: oneOf(...PICK_LISTS.Account.Rating),
    BillingAddress: address,
    ShippingAddress: address,
    Description: sentence,
    AccountSource: oneOf(...PICK_LISTS.Account.AccountSource),
    Headquarters__c: location,
    Health_Score__c: amount(100),
    Discount__c: (random) => random.below(40),
    Segment__c: oneOf(...PICK_LISTS.Account.Segment__c),
    Product_Lines__c: oneOf('Pumps', 'Pumps;Valves', 'Valves', 'Pumps;Sensors;Valves'),
    Key_Account__c: yesOrNo,
    Renewal_Date__c: day,
  },
  Contact: {
    Name: person,
    Email: email,
    Phone: phone,
    MobilePhone: phone,
    Title: oneOf('CEO', 'CFO', 'Head of Purchasing', 'Engineer', 'Assistant'),
    Department: oneOf('Purchasing', 'Finance', 'Engineering', 'Sales'),
    MailingAddress: address,
    LeadSource: oneOf(...PICK_LISTS.Contact.LeadSource),
    HasOptedOutOfEmail: yesOrNo,
    Description: sentence,
    Engagement_Score__c: amount(100),
    Last_Call__c: moment,
  },
  Lead: {
    Name: person,
    Company: company,
    Email: email,
    Phone: phone,
    Status: oneOf(...PICK_LISTS.Lead.Status),
    Rating: oneOf(...PICK_LISTS.Lead.Rating),
    Industry: oneOf(...PICK_LISTS.Lead.Industry),
    AnnualRevenue: amount(5_000_000),
    NumberOfEmployees: (random) => 1 + random.below(2_000),
    Address: address,
    LeadSource: oneOf(...PICK_LISTS.Lead.LeadSource),
    Score__c: amount(100),
    Follow_Up__c: moment,
    Visited__c: location,
  },
  Opportunity: {
    Name: (random) => `${company(random)} - ${random.pick(['New', 'Renewal', 'Add-On'])}`,
    StageName: oneOf(...PICK_LISTS.Opportunity.StageName),
    Amount: amount(2_000_000),
    Probability: (random) => random.below(101),
    CloseDate: day,
    NextStep: sentence,
    Description: sentence,
    Margin__c: (random) => random.below(60),
    Is_Renewal__c: yesOrNo,
    TrackingNumber__c: (random) => `T${random.below(1_000_000)}`,
  },
  Project__c: {
    Name: (random) => `P-${random.below(100_000)} ${random.pick(CITIES)}`,
    Budget__c: amount(500_000),
    Status__c: oneOf(...PICK_LISTS.Project__c.Status__c),
    Completion__c: (random) => random.below(101),
    Starts_On__c: day,
    Kickoff__c: moment,
    Lead_Email__c: email,
    Site__c: location,
    Skills__c: oneOf('Welding', 'Welding;Wiring', 'Wiring', 'Plumbing;Wiring'),
    Summary__c: sentence,
    Is_Billable__c: yesOrNo,
  },
};

/** Values for records that are there from the start: those that a load would set, or at least a name. */
export function sampleValues(entity: string, random: Random): (index: number) => RecordInput {
  const makers = FIELD_VALUES[entity];
  return makers === undefined
    ? (index) => ({ Name: `${entity} ${index}` })
    : () => Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make(random)]));
}

const FIRST_NAMES = [
  'Ada',
  'Ben',
  'Chiara',
  'Deniz',
  'Elif',
  'Farid',
  'Grete',
  'Hugo',
  'Ines',
  'Jonas',
  'Kaito',
  'Lena',
];
const LAST_NAMES = ['Abel', 'Bauer', 'Costa', 'Dubois', 'Eriksen', 'Fischer', 'García', 'Haas', 'Ito', 'Jensen', 'Koç'];
const CITIES = ['Berlin', 'Zürich', 'Lyon', 'Porto', 'Gdańsk', 'Oslo', 'Denver', 'Osaka', 'Leeds', 'Ghent'];
const STREETS = ['Main St', 'Hauptstraße', 'Rue Haute', 'Park Ave', 'Harbour Rd'];
const TRADES = ['Pumps', 'Logistics', 'Foods', 'Bearings', 'Textiles', 'Optics', 'Energy'];
const FORMS = ['GmbH', 'Inc.', 'Ltd', 'SA', 'AG'];
const REMARKS = [
  'Asked for a quote and will decide after the board meets',
  'Wants to be called back next week',
  'Prefers the long contract with the short notice',
  'Delivery was late twice, handle with care',
  'Compares us with two competitors',
];
/** The day from which days are counted: 2024-01-01. */
const FIRST_DAY_MS = 1_704_067_200_000;
const DAY_MS = 86_400_000;

function oneOf(...values: [string, ...string[]]): ValueMaker {
  return (random) => random.pick(values);
}

function amount(below: number): ValueMaker {
  return (random) => Math.round(random.next() * below * 100) / 100;
}

function yesOrNo(random: Random): boolean {
  return random.chance(0.5);
}

function day(random: Random): number {
  return FIRST_DAY_MS + random.below(1500) * DAY_MS;
}

function moment(random: Random): number {
  return FIRST_DAY_MS + random.below(1500 * 86_400) * 1000;
}

function phone(random: Random): string {
  return `+49 30 ${1_000_000 + random.below(9_000_000)}`;
}

function slug(random: Random): string {
  return `${random.pick(LAST_NAMES)}-${random.pick(TRADES)}`.toLowerCase();
}

function company(random: Random): string {
  return `${random.pick(LAST_NAMES)} ${random.pick(TRADES)} ${random.pick(FORMS)}`;
}

function email(random: Random): string {
  return `${random.pick(FIRST_NAMES)}.${random.below(100_000)}@mail.example`.toLowerCase();
}

function sentence(random: Random): string {
  return `${random.pick(REMARKS)} (${random.below(100_000)}).`;
}

function person(random: Random): FieldInput {
  return {
    Salutation: random.pick(['Ms.', 'Mr.', 'Dr.']),
    FirstName: random.pick(FIRST_NAMES),
    LastName: random.pick(LAST_NAMES),
  };
}

function address(random: Random): FieldInput {
  return {
    Street: `${1 + random.below(200)} ${random.pick(STREETS)}`,
    City: random.pick(CITIES),
    PostalCode: (10_000 + random.below(90_000)).toString(),
    Country: 'Germany',
    CountryCode: 'DE',
  };
}

function location(random: Random): FieldInput {
  return { Latitude: coordinate(random, 90), Longitude: coordinate(random, 180) };
}

function coordinate(random: Random, limit: number): number {
  return Math.round((random.next() * 2 - 1) * limit * 1e6) / 1e6;
}
