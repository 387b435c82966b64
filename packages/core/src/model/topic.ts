import { ConfigurationError } from './errors.js';

/**
 * The topic of an entity's change events: `Account` is `/data/AccountChangeEvent`, `Employee__c` is
 * `/data/Employee__ChangeEvent`. The names of the events themselves are accepted, too: `AccountChangeEvent`,
 * `Employee__ChangeEvent`. A name that starts with a slash is a topic already and is taken as it is.
 *
 * @throws `ConfigurationError` when it names neither, or the topic of platform events.
 */
export function changeTopic(topicOrEntity: string): string {
  const topic = topicOf(topicOrEntity);
  if (topic.startsWith('/data/')) return topic;
  throw new ConfigurationError(`"${topic}" carries platform events. Use client.events() for it.`);
}

/**
 * The topic of platform events: `Order__e` is `/event/Order__e`. A name that starts with a slash is taken as it is.
 *
 * @throws `ConfigurationError` when it is none.
 */
export function eventTopic(topicOrEvent: string): string {
  const topic = isEventName(topicOrEvent) ? `/event/${topicOrEvent}` : topicOrEvent;
  if (/^\/event\/\w+$/.test(topic)) return topic;
  throw new ConfigurationError(
    `"${topic}" is not a topic of platform events: those look like "/event/Order__e", or "Order__e" for short. Use client.changes() for changes.`,
  );
}

/** The topic of the events of this API name: `AccountChangeEvent`, `Order__e`. */
export function topicOfEvents(name: string): string {
  return name.endsWith('ChangeEvent') ? `/data/${name}` : `/event/${name}`;
}

/**
 * The topic for an entity's name, or for a topic.
 *
 * @throws `ConfigurationError` when it is neither.
 */
export function topicOf(topicOrEntity: string): string {
  // JavaScript callers have no compiler to check them.
  if (typeof topicOrEntity !== 'string') throw noTopic(String(topicOrEntity));
  if (/^\/(data|event)\/\w+$/.test(topicOrEntity)) return topicOrEntity;
  if (isEventName(topicOrEntity)) return `/event/${topicOrEntity}`;
  if (isChangeEventName(topicOrEntity)) return `/data/${topicOrEntity}`;
  // A custom object's changes drop its "c": Employee__c gives Employee__ChangeEvent.
  if (/^[a-z]\w*__c$/i.test(topicOrEntity)) return `/data/${topicOrEntity.slice(0, -1)}ChangeEvent`;
  if (/^[a-z][a-z0-9]*$/i.test(topicOrEntity) && !/ChangeEvents?$/i.test(topicOrEntity)) {
    return `/data/${topicOrEntity}ChangeEvent`;
  }
  throw noTopic(topicOrEntity);
}

/** API names of platform events end with `__e`. */
function isEventName(name: string): boolean {
  return /^[a-z]\w*__e$/i.test(name);
}

/**
 * The names that users copy from schemas, from Setup and from other clients: of change events (`AccountChangeEvent`,
 * `Employee__ChangeEvent`), of custom channels (`Mine__chn`), and of the channel of all changes.
 */
function isChangeEventName(name: string): boolean {
  return /^[a-z]\w*(?<!__c)ChangeEvent$|^[a-z]\w*__chn$|^ChangeEvents$/i.test(name) && /ChangeEvents?$|chn$/.test(name);
}

function noTopic(given: string): ConfigurationError {
  return new ConfigurationError(
    `"${given}" names neither an entity nor a topic. Give an entity's API name ("Account", "Employee__c") or a ` +
      'whole topic ("/data/AccountChangeEvent", "/data/ChangeEvents", "/data/MyChannel__chn"). Names are case-sensitive.',
  );
}
