import type { RecordInput } from '@rxforce/emulator';

/** An object whose changes the demo follows, and what it looks for among them. */
export interface DemoTopic {
  /** API name of the object. */
  readonly entity: string;
  /** The field that tells a big deal, and how much is big. */
  readonly field: string;
  readonly above: number;
  /** How long it takes to handle one big deal, in milliseconds. */
  readonly workMs: number;
  /** Makes the values of a record that is a big deal; each number gives another record. */
  readonly bigDeal: (number: number) => RecordInput;
}

/** The three topics, the same but for how long the work takes: watch each go at its own pace. */
export const TOPICS: readonly DemoTopic[] = [
  {
    entity: 'Account',
    field: 'AnnualRevenue',
    above: 40_000_000,
    workMs: 6,
    bigDeal: (number) => ({ Name: `Imported company ${number}`, AnnualRevenue: 45_000_000 + number }),
  },
  {
    entity: 'Lead',
    field: 'AnnualRevenue',
    above: 4_000_000,
    workMs: 12,
    bigDeal: (number) => ({
      Name: { FirstName: 'Ada', LastName: `Imported ${number}` },
      Company: `Imported company ${number}`,
      AnnualRevenue: 4_500_000 + number,
    }),
  },
  {
    entity: 'Opportunity',
    field: 'Amount',
    above: 1_500_000,
    workMs: 18,
    bigDeal: (number) => ({ Name: `Imported deal ${number}`, Amount: 1_750_000 + number }),
  },
];
