import type { PubSubClient } from '@rxforce/core';
import { TopicUnavailableError } from '@rxforce/core/model';
import { firstValueFrom, from, timeout } from 'rxjs';
import { mostSlips, slipsBetween } from '../config/closest-name.js';
import { orgTopics } from './org-topics.js';

/** Objects that nearly every org has, for one that does not tell its topics. */
const WELL_KNOWN: readonly string[] = [
  ...['Account', 'Asset', 'Campaign', 'Case', 'Contact', 'Contract', 'Event', 'Individual', 'Lead', 'Opportunity'],
  ...['Order', 'OrderItem', 'Product2', 'Quote', 'Task', 'User'],
].map((name) => `/data/${name}ChangeEvent`);

/** How the name of a topic ends: it says what kind of topic it is. */
const KIND = /(__)?ChangeEvents?$|__(e|chn)$/;
/** Most slips in it. */
const MOST_IN_KIND = 2;

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
  const found = closestTopic(
    topic,
    names.filter((name) => folderOf(name) === folderOf(topic)),
  );
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

/** The topic of these that was probably meant, where one is close. */
function closestTopic(topic: string, names: readonly string[]): string | undefined {
  const givens = givenNames(lastOf(topic));
  const slips = names.map((name) => ({
    name,
    slips: Math.min(...givens.map((given) => slipsInTopic(given, lastOf(name)))),
  }));
  const [closest] = slips.sort((one, other) => one.slips - other.slips);
  return closest === undefined || closest.slips === Infinity ? undefined : closest.name;
}

/** A short name `AccountChangeEvnt` is taken for that of an object, so its topic ends like one twice. */
function givenNames(last: string): readonly string[] {
  return [last, last.replace(/ChangeEvent$/, '')];
}

/**
 * The slips between the last parts of two topics: `Infinity` for more than there may be. What kind it is, as in
 * `AccountChangeEvent`, is looked at by itself: it would make any two names of a kind look close.
 */
function slipsInTopic(given: string, name: string): number {
  const [kind = ''] = KIND.exec(name) ?? [];
  const stem = name.slice(0, name.length - kind.length);
  let fewest = Infinity;
  for (let more = -MOST_IN_KIND; more <= MOST_IN_KIND; more += 1) {
    const at = given.length - kind.length + more;
    const [givenStem, givenKind] = [given.slice(0, Math.max(0, at)), given.slice(Math.max(0, at))];
    const inStem = slipsBetween(givenStem, stem);
    const inKind = slipsBetween(givenKind, kind);
    if (inStem <= mostSlips(givenStem) && inKind <= MOST_IN_KIND) fewest = Math.min(fewest, inStem + inKind);
  }
  return fewest;
}

function lastOf(topic: string): string {
  return topic.slice(topic.lastIndexOf('/') + 1);
}
