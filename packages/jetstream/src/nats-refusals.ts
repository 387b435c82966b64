/** A refusal of NATS: what its message has in it, whether it is temporary, and what to do about it. */
export interface Refusal {
  readonly says: RegExp;
  readonly retriable: boolean;
  readonly advice: string;
}

const lasting = (says: RegExp, advice: string): Refusal => ({ says, retriable: false, advice });
const passing = (says: RegExp, advice: string): Refusal => ({ says, retriable: true, advice });

const LIMITS =
  'Raise the limits of this account: a log needs a stream for each topic, and a consumer for each partition that is read.';

/** The messages of the server and of its client. The first match counts. */
export const REFUSALS: readonly Refusal[] = [
  lasting(
    /permissions violation for subscription/i,
    'Let this NATS user subscribe to its inbox: "_INBOX.>", or the inboxPrefix that the connection was given.',
  ),
  lasting(
    /permissions violation/i,
    'Let this NATS user publish to that subject: the README lists what rxforce publishes to, "$JS.API.>" and ' +
      '"rxforce.>" among them.',
  ),
  lasting(
    /(authorization violation|authentication (expired|timeout|revoked)|account authentication)/i,
    'Connect with the credentials of a user that NATS knows, and that have not expired.',
  ),
  lasting(
    /(closed connection|connection closed|connection draining|client closed)/i,
    'The connection is closed: this program closed it, or it gave up after its maxReconnectAttempts, which are 10 by ' +
      'default. Connect with maxReconnectAttempts: -1, and close only after the subscriptions have ended.',
  ),
  lasting(
    /(max_payload|maximum payload|message size exceeds)/i,
    'Raise the max_payload of the server above the largest event with its headers: 2 MB is enough.',
  ),
  lasting(
    /jetstream not enabled for account/i,
    'Enable JetStream for the account of this user: "jetstream: enabled" in the account, or "nats auth account edit".',
  ),
  lasting(
    /replicas > 1 not supported/i,
    'This server is in no cluster: leave `replicas` out, or give the address of a cluster of JetStream.',
  ),
  lasting(
    /stream name already in use|subjects overlap/i,
    'Another program has this stream or its subjects. Give rxforce a `prefix` of its own; or delete that stream, if ' +
      'nobody needs it.',
  ),
  lasting(/maximum (number of )?streams|streams limit/i, LIMITS),
  // Those of a process that was killed are there for a minute.
  passing(/maximum (number of )?consumers|consumers limit/i, `${LIMITS} It is tried again.`),
  lasting(
    /(maximum bytes|max_bytes|max bytes).*(required|exceeded|limit)|requires.*max_bytes/i,
    'The account demands a bound of each stream: give `maxBytes`, within the bound of the account.',
  ),
  passing(
    /insufficient (storage )?resources|resources exceeded|no space|store failed|maximum messages/i,
    'JetStream is full: raise its max_file_store, give the log a smaller retentionMs, or delete what else is in it. ' +
      'It is tried again.',
  ),
  passing(/no suitable peers/i, 'The cluster has fewer servers than `replicas`, or some are away. It is tried again.'),
  passing(
    /(temporarily unavailable|no leader|not (the )?leader|offline|peer|quorum|starting)/i,
    'It passes once the cluster has a leader again.',
  ),
  passing(/ENOTFOUND|EAI_AGAIN/, 'Check the host name of NATS. It is tried again.'),
];
