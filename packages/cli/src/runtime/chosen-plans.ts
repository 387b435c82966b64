import { ConfigurationError } from '@rxforce/core/model';
import type { LoadedConfiguration } from '../config/configuration.js';
import { orgSettingsOf } from './org-names.js';
import { topicPlans, type TopicPlan } from './topic-plan.js';

/** What the command line says of the topics that it is for. */
export interface PlanChoice {
  /** The name of an org; all orgs by default. */
  readonly org?: string | undefined;
  /** A topic, its label, or the name of its object; all topics by default. */
  readonly topic?: string | undefined;
}

/**
 * The plans of the topics that a command is for.
 *
 * @throws `ConfigurationError` when there is no such org, or no such topic.
 */
export function chosenPlans(loaded: LoadedConfiguration, { org, topic }: PlanChoice): readonly TopicPlan[] {
  const plans = topicPlans(ofOrg(loaded, org));
  const found = topic === undefined ? plans : plans.filter((plan) => namesOf(plan).includes(topic));
  if (found.length > 0) return found;
  const whose = org === undefined ? '' : ` of the org ${org}`;
  throw new ConfigurationError(`--topic ${topic ?? ''}: no topic of the configuration${whose} is this one.`);
}

/**
 * The part of a configuration that belongs to one org; all of it where none is named.
 *
 * @throws `ConfigurationError` when there is no such org, or it has no topics.
 */
export function ofOrg(loaded: LoadedConfiguration, org: string | undefined): LoadedConfiguration {
  if (org === undefined) return loaded;
  const { configuration } = loaded;
  const settings = orgSettingsOf(configuration, org);
  const topics = configuration.topics.filter((topic) => topic.org === org);
  if (topics.length === 0) throw new ConfigurationError(`--org ${org}: no topic of the configuration is of this org.`);
  return { ...loaded, configuration: { ...configuration, orgs: { [org]: settings }, topics } };
}

/** What a topic may be called on the command line. */
export function namesOf({ topic, label }: TopicPlan): readonly string[] {
  return [topic, label, topic.replace(/^.*\/|ChangeEvent$/g, '')];
}
