import { ConfigurationError } from './errors.js';

const CUSTOM_OBJECT = /^\w+__c$/i;
const STANDARD_OBJECT = /^[A-Za-z]\w*$/;

/**
 * The topic of an entity's change events: `Account` is `/data/AccountChangeEvent`, `Employee__c` is
 * `/data/Employee__ChangeEvent`. What starts with a slash is a topic already and is taken as it is.
 *
 * @throws `ConfigurationError` when `topicOrEntity` is neither.
 */
export function changeTopic(topicOrEntity: string): string {
  if (topicOrEntity.startsWith('/')) {
    return topicOf(topicOrEntity);
  }
  if (CUSTOM_OBJECT.test(topicOrEntity)) {
    return `/data/${topicOrEntity.slice(0, -1)}ChangeEvent`;
  }
  if (STANDARD_OBJECT.test(topicOrEntity) && !topicOrEntity.includes('__')) {
    return `/data/${topicOrEntity}ChangeEvent`;
  }
  throw new ConfigurationError(
    `"${topicOrEntity}" names neither an entity nor a topic. Give an entity's API name ("Account", "Employee__c") ` +
      'or a whole topic ("/data/AccountChangeEvent", "/data/ChangeEvents", "/data/MyChannel__chn").',
  );
}

/**
 * Checks the shape of a topic's name.
 *
 * @throws `ConfigurationError` when it is not `/data/…` or `/event/…`.
 */
export function topicOf(topic: string): string {
  if (/^\/(data|event)\/\w+$/.test(topic)) {
    return topic;
  }
  throw new ConfigurationError(
    `"${topic}" is not a topic. Topics look like "/data/AccountChangeEvent" or "/event/Order__e", and are case-sensitive.`,
  );
}
