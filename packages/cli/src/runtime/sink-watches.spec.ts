import { expect } from 'chai';
import { ConnectionError } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { SinkError } from '../sinks/sink.js';
import { noSchema } from '../sinks/source-error.js';
import { SinkWatches } from './sink-watches.js';
import type { TopicPlan } from './topic-plan.js';

const plan = (changes: Partial<TopicPlan>) =>
  ({
    ...{ topic: '/data/LeadChangeEvent', label: 'LeadChangeEvent', name: 'default', sink: 'hook', retryDelayMs: 0 },
    ...changes,
  }) as TopicPlan;

describe('SinkWatches', () => {
  const AWAY = new SinkError('HTTP 503.', { outage: true });
  let watches: SinkWatches;
  let now: number;

  beforeEach(() => {
    now = 0;
    watches = new SinkWatches({ warn: () => undefined }, { scheduler: { now: () => now } as never });
  });

  /** An event of a plan waits, since its sink is out. */
  const fails = (of: TopicPlan, error = AWAY) => {
    const { outage, inHand } = watches.watch(of);
    const events = [changeEvent({ id: of.label })];
    outage.waitAfter(error);
    inHand.began(events);
    return () => inHand.done(events);
  };
  /** Those of these plans, whose sinks have all been out since before the clock of the test. */
  const outFor = (...plans: readonly TopicPlan[]) => {
    plans.forEach((each) => fails(each));
    now = 12_000;
    return watches;
  };

  it('has a sentence for a subscription whose sink takes nothing', () => {
    outFor(plan({}), plan({ topic: '/data/AccountChangeEvent', label: 'AccountChangeEvent', sink: 'file' }));
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
    outFor(...labels.map((label) => plan({ label, topic: `/data/${label}` })));
    const sentence = 'The sink hook has taken nothing of A, B and 3 more topics for 12 s, and their events wait.';
    for (const label of labels) {
      expect(watches.heldUpBy({ org: null, name: 'default', topic: `/data/${label}` })).to.equal(sentence);
    }
  });

  it('names a subscription in no sentence, and gives it none, while its sink takes its events', () => {
    const taken = plan({ label: 'Taken', topic: '/data/Taken' });
    outFor(plan({}), plan({ label: 'Other', topic: '/data/Other' }));
    watches.watch(taken);
    const of = { org: null, name: 'default' };
    expect(watches.heldUpBy({ ...of, topic: '/data/Other' })).to.equal(
      'The sink hook has taken nothing of LeadChangeEvent and Other for 12 s, and their events wait.',
    );
    expect(watches.heldUpBy({ ...of, topic: '/data/Taken' })).to.equal(undefined);
  });

  it('names no topic that has nothing in hand any more, as on standby', () => {
    const lost = fails(plan({ label: 'Lost', topic: '/data/Lost' }));
    outFor(plan({}));
    lost();
    const of = { org: null, name: 'default' };
    expect(watches.heldUpBy({ ...of, topic: '/data/Lost' })).to.equal(undefined);
    expect(watches.heldUpBy({ ...of, topic: '/data/LeadChangeEvent' })).to.include(' of LeadChangeEvent for ');
  });

  it('has another sentence for topics whose sink lacks what it needs beside their events', () => {
    const noAnswer = noSchema(new ConnectionError('Nobody answers.'));
    ['A', 'B'].forEach((label) => fails(plan({ label, topic: `/data/${label}` }), noAnswer));
    outFor(plan({}));
    const of = { org: null, name: 'default' };
    expect(watches.heldUpBy({ ...of, topic: '/data/B' })).to.equal(
      'The sink hook has lacked what it needs for A and B for 12 s, and events wait.',
    );
    expect(watches.heldUpBy({ ...of, topic: '/data/LeadChangeEvent' })).to.include(' of LeadChangeEvent for ');
  });

  it('tells topics of several orgs and names apart, and knows the partitions of a log', () => {
    outFor(plan({ org: 'emea', label: 'emea', sink: 'a' }), plan({ org: 'amer', name: 'crm', label: 'crm' }));
    const of = { org: 'emea', name: 'default', topic: '/data/LeadChangeEvent' };
    expect(watches.heldUpBy(of)).to.include(' of emea ');
    expect(watches.heldUpBy({ ...of, org: 'amer', name: 'crm' })).to.include(' of crm ');
    expect(watches.heldUpBy({ ...of, org: 'amer' })).to.equal(undefined);
    expect(watches.heldUpBy({ ...of, topic: '/data/LeadChangeEvent#7', org: null })).to.include(' of emea ');
    expect(watches.heldUpBy({ ...of, name: null })).to.include(' of emea ');
  });
});
