/** Why Redis did not do what it was asked for. */
export interface RedisFailure {
  /** What happened, and what to do: sentences that may follow "… failed: ". */
  readonly reason: string;
  /** Whether the same call may succeed later, unchanged. */
  readonly retriable: boolean;
  readonly cause: unknown;
}

/** How Redis begins a refusal, whether it passes, and what to do about it. */
const REFUSALS: readonly (readonly [begin: RegExp, retriable: boolean, advice: string])[] = [
  [/^(WRONGPASS|ERR (AUTH|invalid password|Client sent AUTH))/, false, 'Give ioredis the right username and password.'],
  [/^NOAUTH/, false, 'Give ioredis the password, and the username where there is one.'],
  [
    /^(NOPERM|ERR The user executing the script can't)/,
    false,
    "Let this Redis user run scripts and what they call on the keys of the prefix: ACL SETUSER … '~{rxforce:*' +@read +@write +@scripting +info +time.",
  ],
  [
    /^(?:.* )?WRONGTYPE/,
    false,
    'Another program uses this key. Give rxforce a `prefix` of its own; or delete the key, if nobody needs it.',
  ],
  [/^CROSSSLOT/, false, 'Leave braces out of the `keyPrefix` of ioredis, or use one without any.'],
  [/^ERR unknown command/, false, 'It needs a Redis of version 6.2 or later, whose scripts are not switched off.'],
  [/^(ERR )?DENIED/, false, 'Redis is in protected mode: set a password or bind it to an address of its own.'],
  [/^OOM/, true, 'Redis is full: raise its `maxmemory`, or delete what else is in it.'],
  [/^MISCONF/, true, 'Redis cannot write its snapshot and refuses to write: look at its log and its disk.'],
  [/^NOREPLICAS/, true, 'Redis has fewer replicas than its `min-replicas-to-write`.'],
  [/^LOADING/, true, 'Redis has been started and still reads its data.'],
  [
    /^READONLY/,
    true,
    'This server is a replica. After a failover ioredis finds the new master where it is given Sentinels, a Cluster, or `reconnectOnError: (error) => error.message.startsWith("READONLY")`.',
  ],
  [/^(MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|BUSY)/, true, 'It passes once a failover or another script is over.'],
];

/** No answer came in time. */
export class RedisSilence extends Error {
  override readonly name = 'RedisSilence';
}

/** What was called cannot ever succeed. */
export class RedisRefusal extends Error {
  override readonly name = 'RedisRefusal';
}

/** Turns anything that ioredis throws into a failure. The one place that knows its errors. */
export function redisFailure(thrown: unknown): RedisFailure {
  const message = messageOf(thrown);
  if (thrown instanceof RedisRefusal) return { reason: message, retriable: false, cause: thrown };
  const refusal = REFUSALS.find(([begin]) => begin.test(message));
  if (!refusal) return { reason: `${sentence(message)} It is tried again.`, retriable: true, cause: thrown };
  const [, retriable, advice] = refusal;
  return { reason: `${sentence(message)} ${advice}`, retriable, cause: thrown };
}

/** Whether an error that ioredis emitted while it connects means that it never will. */
export function isFinal(error: unknown): boolean {
  return !redisFailure(error).retriable;
}

/** What an error says; of that of a cluster, what the error of the node behind it says. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const node = 'lastNodeError' in thrown ? thrown.lastNodeError : undefined;
  if (node instanceof Error) return messageOf(node);
  const last = /Last error: (?:ReplyError: )?(.*)/.exec(thrown.message)?.[1];
  // Node reports a refused connection to a name with several addresses without a message.
  return last ?? (thrown.message || ((thrown as NodeJS.ErrnoException).code ?? thrown.name));
}

function sentence(message: string): string {
  const text = message.replace(/ script: [0-9a-f]{40}, on @user_script:\d+\.?$/, '').trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
