import { expect } from 'chai';
import { SinkError } from '../sinks/sink.js';
import { SinkWatches } from './sink-watches.js';
import type { TopicPlan } from './topic-plan.js';

const plan = (changes: Partial<TopicPlan>) =>
  ({
    ...{ topic: '/data/LeadChangeEvent', label: 'LeadChangeEvent', name: 'default', sink: 'hook', retryDelayMs: 0 },
    ...changes,
  }) as TopicPlan;

describe('SinkWatches', () => {
  /** Those of these plans, whose sinks have all been out since before the clock of the test. */
  const outFor = (...plans: readonly TopicPlan[]) => {
    let now = 0;
    const scheduler = { now: () => now } as never;
    const watches = new SinkWatches({ warn: () => undefined }, { scheduler });
    plans.forEach((each) => watches.watch(each).outage.waitAfter(new SinkError('HTTP 503.', { outage: true })));
    now = 12_000;
    return watches;
  };

  it('has a sentence for a subscription whose sink takes nothing', () => {
    const watches = outFor(
      plan({}),
      plan({ topic: '/data/AccountChangeEvent', label: 'AccountChangeEvent', sink: 'file' }),
    );
    const of = { org: null, name: 'default' };
    expect(watches.heldUpBy({ ...of, topic: '/data/LeadChangeEvent' })).to.equal(
      'The sink hook has taken nothing of LeadChangeEvent for 12 s, and its events wait.',
    );
    expect(watches.heldUpBy({ ...of, topic: '/data/AccountChangeEvent' })).to.equal(
      'The sink file has taken nothing of AccountChangeEvent for 12 s, and its events wait.',
    );
    expect(watches.heldUpBy({ ...of, topic: '/data/OrderChangeEvent' })).to.equal(undefined);
  });

  it('has one sentence for all topics of a sink', () => {
    const labels = ['A', 'B', 'C', 'D', 'E'];
    const watches = outFor(...labels.map((label) => plan({ label, topic: `/data/${label}` })));
    const sentence = 'The sink hook has taken nothing of A, B and 3 more topics for 12 s, and their events wait.';
    for (const label of labels) {
      expect(watches.heldUpBy({ org: null, name: 'default', topic: `/data/${label}` })).to.equal(sentence);
    }
  });

  it('names a subscription in no sentence, and gives it none, while its sink takes its events', () => {
    const taken = plan({ label: 'Taken', topic: '/data/Taken' });
    const watches = outFor(plan({}), plan({ label: 'Other', topic: '/data/Other' }));
    watches.watch(taken);
    const of = { org: null, name: 'default' };
    expect(watches.heldUpBy({ ...of, topic: '/data/Other' })).to.equal(
      'The sink hook has taken nothing of LeadChangeEvent and Other for 12 s, and their events wait.',
    );
    expect(watches.heldUpBy({ ...of, topic: '/data/Taken' })).to.equal(undefined);
  });

  it('tells topics of several orgs and names apart, and knows the partitions of a log', () => {
    const watches = outFor(
      plan({ org: 'emea', label: 'emea', sink: 'a' }),
      plan({ org: 'amer', name: 'crm', label: 'crm' }),
    );
    const of = { org: 'emea', name: 'default', topic: '/data/LeadChangeEvent' };
    expect(watches.heldUpBy(of)).to.include(' of emea ');
    expect(watches.heldUpBy({ ...of, org: 'amer', name: 'crm' })).to.include(' of crm ');
    expect(watches.heldUpBy({ ...of, org: 'amer' })).to.equal(undefined);
    expect(watches.heldUpBy({ ...of, topic: '/data/LeadChangeEvent#7', org: null })).to.include(' of emea ');
    expect(watches.heldUpBy({ ...of, name: null })).to.include(' of emea ');
  });
});
