import { expect } from 'chai';
import { ReplayId } from '../model/replay-id.js';
import type { SubscriptionStatus } from '../ports/status.js';
import { SubscriptionRecord } from './subscription-record.js';

const AT = ReplayId.fromBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7));

/** A record, and what was told from it. */
function recorded() {
  const told: SubscriptionStatus['type'][] = [];
  let over = 0;
  const listener = { observed: true, next: ({ type }: SubscriptionStatus) => void told.push(type) };
  const record = new SubscriptionRecord({ topic: '/data/A', subscription: 1, name: 'x' }, () => 5, [listener], {
    failed: () => undefined,
    over: () => over++,
  });
  return { record, told, over: () => over };
}

describe('A record of a subscription', () => {
  it('tells that it is closed, when it is left on standby', () => {
    const { record, told, over } = recorded();
    record.tell('standby');
    record.left();
    expect([told, over()]).to.deep.equal([['standby', 'closed'], 1]);
  });

  it('tells that once, when its stream has told it', () => {
    const { record, told } = recorded();
    const source = { figures: () => ({ window: undefined, lagMs: undefined, lastResponseAt: undefined }) };
    record.reads(source);
    record.tell('live');
    record.left();
    record.tell('closed', () => ({ cause: undefined }));
    record.readsNoMore(source);
    expect(told).to.deep.equal(['live', 'closed']);
  });

  it('tells nothing, when it never did anything', () => {
    const { record, told, over } = recorded();
    record.mention('assigned', () => ({ partitions: [], of: 1, members: 1, member: 'one', shares: [] }));
    record.left();
    expect([told, over()]).to.deep.equal([['assigned'], 1]);
  });

  it('knows where its first stream began, under each lease anew, and after a reset', () => {
    const { record } = recorded();
    const from = () => record.snapshot().start?.from;
    record.tell('acquired', () => ({ token: 1 }));
    record.tell('connecting', () => ({ from: AT, failures: 0 }));
    record.tell('connecting', () => ({ from: 'latest', failures: 1 }));
    expect(from()).to.equal(AT);
    record.tell('replayReset', () => ({ from: AT, policy: 'earliest' }));
    expect(from()).to.equal('earliest');
    record.tell('lost');
    expect(from()).to.equal(undefined);
  });
});
