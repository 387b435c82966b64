import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { filter, firstValueFrom, lastValueFrom, takeUntil, tap, toArray } from 'rxjs';
import { createClient, fileReplayStore, type EventStream, type PubSubClient } from '@rxforce/core';
import { limit } from '@rxforce/operators';
import { need, org, setTo, skip, tellSkipped } from './needs.js';

/**
 * The first events of a stream: as many as asked for, or fewer where the service says that there are no more for now.
 * It can say so while events that came before wait for their schema.
 */
function first<E>(events$: EventStream<E>, count: number): Promise<E[]> {
  let isWaiting = false;
  const quiet$ = events$.status$.pipe(
    tap(({ type }) => (isWaiting ||= type === 'received')),
    filter(({ type }) => type === 'keepalive' && !isWaiting),
  );
  const handedOut$ = events$.pipe(tap(() => (isWaiting = false)));
  return lastValueFrom(handedOut$.pipe(limit(count), takeUntil(quiet$), toArray()));
}

describe('A Salesforce org', () => {
  const clients: PubSubClient[] = [];
  let folder = '';

  const clientOf = (access: ReturnType<typeof org>): PubSubClient => {
    const client = createClient(access);
    clients.push(client);
    return client;
  };

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rxforce-live-'))));
  afterEach(() => {
    clients.splice(0).forEach((client) => client.close());
    rmSync(folder, { recursive: true });
  });
  after(tellSkipped);

  it('lets the client in, and knows the topic and its schema', async function () {
    const access = org(this);
    const topic = need(this, 'RXFORCE_LIVE_CHANGE_TOPIC');
    const client = clientOf(access);
    const known = await firstValueFrom(client.topic(topic));
    expect(known.canSubscribe, `${known.topic} can be subscribed to`).to.equal(true);
    if (known.schemaId === undefined) return;
    const { json } = await firstValueFrom(client.schema(known.schemaId));
    expect(JSON.parse(json)).to.include({ type: 'record' });
  });

  it('sends the changes that it keeps, or a keepalive where there are none', async function () {
    const access = org(this);
    const topic = need(this, 'RXFORCE_LIVE_CHANGE_TOPIC');
    const events = await first(clientOf(access).changes(topic, { replay: 'earliest' }), 10);
    for (const { header, data } of events) {
      expect(header.recordIds).to.have.length.above(0);
      expect(data).to.be.an('object');
    }
  });

  it('goes on behind the event that was committed last', async function () {
    const access = org(this);
    const topic = need(this, 'RXFORCE_LIVE_CHANGE_TOPIC');
    const kept = await first(clientOf(access).changes(topic, { replay: 'earliest' }), 2);
    if (kept.length < 2) {
      skip(this, `${topic} has had fewer than two events in 72 hours. Change a record or two, and try again.`);
    }
    const replay = { store: fileReplayStore(folder), name: 'live', from: 'earliest' } as const;
    for (const { id } of kept) {
      const client = clientOf(access);
      const event = await lastValueFrom(client.changes(topic, { replay }).pipe(limit(1)));
      await client.drain();
      expect(event.id).to.equal(id);
    }
  });

  it('publishes an event, and sends it to who goes on behind the one before', async function () {
    const access = org(this);
    const topic = need(this, 'RXFORCE_LIVE_EVENT_TOPIC');
    const data = JSON.parse(setTo('RXFORCE_LIVE_EVENT') ?? '{}') as Record<string, unknown>;
    const client = clientOf(access);
    const results = await lastValueFrom(client.publish(topic, [{ data }, { data }]).pipe(toArray()));
    const [before, event] = results.map((result) => result.unwrap());
    const received$ = client.events(topic, { replay: before!.replayId });
    const received = await firstValueFrom(received$.pipe(filter(({ id }) => id === event!.id)));
    expect(received.replayId.toString()).to.equal(event!.replayId.toString());
    expect(received.data).to.deep.include(data);
  });

  it('keeps the position of a managed subscription', async function () {
    const access = org(this);
    const name = need(this, 'RXFORCE_LIVE_MANAGED');
    const readOnce = async () => {
      const client = clientOf(access);
      const events = await first(client.managed(name, { settle: 'on-return' }), 5);
      const { subscriptions } = await client.drain();
      const replayIds = events.map(({ replayId }) => replayId.toString());
      return { replayIds, committed: subscriptions[0]?.lastCommitted?.toString() };
    };
    const { replayIds, committed = '' } = await readOnce();
    if (replayIds.length === 0) skip(this, `nothing came on ${name}. Make an event of its topic, and try again.`);
    expect(committed).not.to.equal('');
    // A keepalive's position is behind all events. Of events that may share a replay id, the last one is not committed.
    const last = replayIds.includes(committed) ? replayIds.indexOf(committed) : replayIds.length - 1;
    const { replayIds: after } = await readOnce();
    expect(replayIds.slice(0, last + 1).filter((replayId) => after.includes(replayId))).to.deep.equal([]);
  });
});
