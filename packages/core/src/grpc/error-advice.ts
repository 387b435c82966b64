import type { CallContext } from './error-row.js';

const topicOf = ({ topic }: CallContext) => (topic === undefined ? 'such topic' : `topic ${topic}`);

/** The topic or schema does not exist, or not for this user. */
export function unavailableTopic(context: CallContext): string {
  if (context.schemaId !== undefined) {
    return `The service knows no schema ${context.schemaId}, or this user may not read it.`;
  }
  const isEvent = context.topic?.startsWith('/event/') ?? false;
  return (
    `There is no ${topicOf(context)} in this org, or this user may not use it. Names are case-sensitive; ` +
    (isEvent
      ? 'the platform event must be deployed, and the user needs "Read" on it to subscribe, and "Create" to publish.'
      : 'for change events, the entity must be selected in Setup > Change Data Capture, and the user needs "View All" on it.')
  );
}

/** The service is asked for too much. */
export function slower(): string {
  return 'The service asks for fewer connections or calls. Try again later, and share one client among subscriptions.';
}

/** A request that this client should not have made. */
export function defect(): string {
  return 'The service refused the request as malformed. This is a defect of the client: please report it.';
}
