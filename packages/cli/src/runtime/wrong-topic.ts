import type { PubSubClient } from '@rxforce/core';
import { TopicUnavailableError } from '@rxforce/core/model';
import { firstValueFrom, from, timeout } from 'rxjs';
import { closestName } from '../config/closest-name.js';
import { orgTopics } from './org-topics.js';

/** Objects that nearly every org has, for one that does not tell its topics. */
const WELL_KNOWN: readonly string[] = [
  ...['Account', 'Asset', 'Campaign', 'Case', 'Contact', 'Contract', 'Event', 'Individual', 'Lead', 'Opportunity'],
  ...['Order', 'OrderItem', 'Product2', 'Quote', 'Task', 'User'],
].map((name) => `/data/${name}ChangeEvent`);

/** Longest wait for the names of topics, in milliseconds: the error itself is known already. */
const ASK_MS = 5_000;

/**
 * The error of a topic that an org does not have, with the name that was probably meant. Any other error stays what it
 * is.
 */
export async function withClosestTopic(error: unknown, client: Pick<PubSubClient, 'fetch'>): Promise<unknown> {
  if (!TopicUnavailableError.is(error) || error.topic === undefined) return error;
  const { topic } = error;
  const names = await topicNames(client);
  if (names.includes(topic)) return error;
  const meant = closestName(
    stemOf(topic),
    names.filter((name) => folderOf(name) === folderOf(topic)).map((name) => stemOf(name)),
  );
  const found = names.find((name) => folderOf(name) === folderOf(topic) && stemOf(name) === meant);
  if (found === undefined) return error;
  return new TopicUnavailableError(
    `The org has no topic ${topic}. Did you mean ${found}? rxforce topics lists all that it has.`,
    { topic, cause: error },
  );
}

async function topicNames(client: Pick<PubSubClient, 'fetch'>): Promise<readonly string[]> {
  try {
    const topics = await firstValueFrom(from(orgTopics(client)).pipe(timeout(ASK_MS)));
    return topics.map(({ topic }) => topic);
  } catch {
    return WELL_KNOWN;
  }
}

/** `/data` or `/event`. */
function folderOf(topic: string): string {
  return topic.slice(0, topic.lastIndexOf('/'));
}

/** What two names differ in: `Account` of `/data/AccountChangeEvent`. */
function stemOf(topic: string): string {
  return topic.slice(topic.lastIndexOf('/') + 1).replace(/(__)?ChangeEvents?$|__(e|chn)$/, '');
}
