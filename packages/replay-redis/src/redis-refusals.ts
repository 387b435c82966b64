/** A refusal of Redis: how its reply begins, whether it is temporary, and what to do about it. */
export interface Refusal {
  readonly begin: RegExp;
  readonly retriable: boolean;
  readonly advice: string;
  /** Whether this server is a replica. A new connection may find the master. */
  readonly isReplica?: true;
}

const lasting = (begin: RegExp, advice: string): Refusal => ({ begin, retriable: false, advice });
const passing = (begin: RegExp, advice: string): Refusal => ({ begin, retriable: true, advice });
const byReplica = (begin: RegExp, advice: string): Refusal => ({ begin, retriable: true, advice, isReplica: true });

/** Replies as `replyIn` returns them, and errors of TLS before there is a reply. The first match counts. */
export const REFUSALS: readonly Refusal[] = [
  lasting(
    /^(WRONGPASS|AUTH |ERR (AUTH|invalid (username-)?password|Client sent AUTH|wrong number of arguments for 'auth'))/,
    'Give ioredis the right username and password.',
  ),
  lasting(/^(NOAUTH|ERR operation not permitted)/, 'Give ioredis the password, and the username where there is one.'),
  lasting(
    /^(NOPERM|(ERR )?(The user executing the script can't|ACL failure in script))/,
    "Let this Redis user run scripts and what they call on the keys of the prefix: ACL SETUSER … '~{rxforce:*' +@read +@write +@scripting +info +time.",
  ),
  lasting(
    /^WRONGTYPE/,
    'Another program uses this key. Give rxforce a `prefix` of its own; or delete the key, if nobody needs it.',
  ),
  lasting(
    /^(CROSSSLOT|(ERR )?Script attempted to access (a non local key|keys that do not hash))/,
    'Leave braces out of the `keyPrefix` of ioredis, or use one without any.',
  ),
  lasting(
    /^(MOVED|ASK) /,
    'This server is one of a Redis Cluster: give rxforce a `Cluster` of ioredis, and no `Redis`.',
  ),
  lasting(
    /^ERR This instance has cluster support disabled/,
    'This server is none of a Redis Cluster: give rxforce a `Redis` of ioredis, and no `Cluster`.',
  ),
  lasting(
    /^((ERR )?(unknown command|Unknown Redis command|This Redis command is not allowed from)|NOPROTO)/,
    'It needs a Redis of version 6.2 or later, whose scripts are not switched off.',
  ),
  lasting(/^ERR (DB index is out of range|invalid DB index)/, 'Give ioredis a `db` that this Redis has, such as 0.'),
  lasting(/^DENIED/, 'Redis is in protected mode: set a password or bind it to an address of its own.'),
  passing(/^OOM/, 'Redis is full: raise its `maxmemory`, or delete what else is in it.'),
  passing(/^MISCONF/, 'Redis cannot write its snapshot and refuses to write: look at its log and its disk.'),
  passing(/^NOREPLICAS/, 'Redis has fewer replicas than its `min-replicas-to-write`.'),
  passing(/^LOADING/, 'Redis has been started and still reads its data.'),
  passing(/^ERR max number of clients/, 'Raise the `maxclients` of Redis, or close connections. It is tried again.'),
  byReplica(
    /^READONLY/,
    'This server is a replica. rxforce connects anew, and finds the master where the host name, the Sentinels or the ' +
      'Cluster that ioredis was given lead to it.',
  ),
  byReplica(/^MASTERDOWN/, 'This server is a replica without its master. It passes once a failover is over.'),
  passing(
    /^(CLUSTERDOWN|TRYAGAIN|BUSY|Too many Cluster redirections|(ERR )?Script attempted to execute a .*command while the cluster)/,
    'It passes once a failover or another script is over.',
  ),
  lasting(
    /(self[- ]signed certificate|unable to (verify the first|get (local )?issuer) certificate)/,
    "Give ioredis the certificate of the authority that signed that of Redis: tls: { ca: readFileSync('ca.pem') }.",
  ),
  lasting(
    /certificate's altnames/,
    'Connect to a name that is in the certificate of Redis, or give ioredis tls: { servername }.',
  ),
  lasting(
    /alert (certificate required|handshake failure|bad certificate|unknown ca)/,
    'Redis wants a certificate of its clients that it trusts: give ioredis tls: { cert, key }.',
  ),
  lasting(
    /(wrong version number|packet length too long)/,
    'This port of Redis speaks no TLS: leave `tls` out, or give its TLS port.',
  ),
  passing(
    /certificate (has expired|is not yet valid)/,
    'Renew the certificate of Redis, or set the clock. It is tried again.',
  ),
  passing(/^(getaddrinfo )?ENOTFOUND/, 'Check the host name of Redis. It is tried again.'),
];
