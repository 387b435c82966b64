import { inspect } from 'node:util';
import { expect } from 'chai';
import { redisFailure, RedisRefusal } from './redis-failure.js';

const SHA = 'f'.repeat(40);

describe('redisFailure', () => {
  const failures: [message: string, retriable: boolean, says: RegExp][] = [
    ['WRONGPASS invalid username-password pair or user is disabled.', false, /disabled\. Give ioredis the right/],
    ['ERR AUTH <password> called without any password configured', false, /right username/],
    ['NOAUTH Authentication required.', false, /the password/],
    ["NOPERM this user has no permissions to run the 'evalsha' command", false, /ACL SETUSER/],
    [`WRONGTYPE Operation against a key script: ${SHA}, on @user_script:1.`, false, /^WRONGTYPE .* a key\. Another/],
    [`OOM command not allowed script: ${SHA}, on @user_script:7.`, true, /^OOM command not allowed\. Redis is full/],
    ["CROSSSLOT Keys in request don't hash to the same slot", false, /keyPrefix/],
    ["ERR unknown command 'EVALSHA'", false, /6\.2/],
    ['LOADING Redis is loading the dataset in memory', true, /still reads its data/],
    ["READONLY You can't write against a read only replica.", true, /connects anew/],
    ['CLUSTERDOWN The cluster is down', true, /failover/],
    ['MASTERDOWN Link with MASTER is down', true, /failover/],
    ['Too many Cluster redirections. Last error: ReplyError: MOVED 1 127.0.0.1:1', true, /failover/],
    ['MOVED 1 127.0.0.1:1', false, /`Cluster` of ioredis, and no `Redis`/],
    ['ERR This instance has cluster support disabled', false, /`Redis` of ioredis, and no `Cluster`/],
    ['ERR max number of clients reached', true, /`maxclients`/],
    ['ERR DB index is out of range', false, /`db`/],
    ['NOPROTO unsupported protocol version', false, /6\.2/],
    ['NOAUTH HELLO must be called with the client already authenticated', false, /the password/],
    ["ERR wrong number of arguments for 'auth' command", false, /right username/],
    ['ERR DENIED Redis is running in protected mode', false, /^DENIED .* protected mode/],
    ['self-signed certificate in certificate chain', false, /tls: \{ ca/],
    ['unable to verify the first certificate', false, /tls: \{ ca/],
    ["Hostname/IP does not match certificate's altnames: IP: 10.0.0.1 is not in", false, /servername/],
    ['certificate has expired', true, /Renew/],
    ['write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:x.c:355:', false, /no TLS/],
    ['80:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:x', false, /tls: \{ cert, key/],
    ['getaddrinfo ENOTFOUND redis.internal', true, /host name/],
    ['NOREPLICAS Not enough good replicas to write.', true, /min-replicas/],
    ['MISCONF Redis is configured to save RDB snapshots', true, /disk/],
    ['connect ECONNREFUSED 127.0.0.1:6379', true, /ECONNREFUSED 127.0.0.1:6379\. It is tried again/],
    ['Too many Cluster redirections. Last error: ReplyError: NOPERM no', false, /^NOPERM no\. Let/],
  ];
  for (const [message, retriable, says] of failures) {
    it(`says what to do about "${message.slice(0, 40)}…"`, () => {
      const error = new Error(message);
      const failure = redisFailure(error);
      expect(failure).to.include({ retriable });
      expect(failure.cause).to.be.instanceOf(Error).with.property('message', message);
      expect(failure.reason).to.match(says);
    });
  }

  it('has a cause without the arguments that Redis repeats', () => {
    const secret = 'hunter2';
    const { cause } = redisFailure(new Error(`ERR unknown command 'AUTH', with args beginning with: '${secret}'`));
    expect(inspect(cause, { showHidden: true }))
      .to.include("unknown command 'AUTH'")
      .and.not.include(secret);
  });

  // What Redis 6.2 says of refusals inside a script: of those before a command with a dash, of some without their code.
  const inScripts: [refusal: string, retriable: boolean, says: RegExp][] = [
    ["-READONLY You can't write against a read only replica.", true, /^READONLY .* connects anew/],
    ["-OOM command not allowed when used memory > 'maxmemory'.", true, /^OOM .* Redis is full/],
    ['-MISCONF Redis is configured to save RDB snapshots', true, /^MISCONF .* disk/],
    ['-MISCONF Errors writing to the AOF file: No space left on device', true, /^MISCONF .* disk/],
    ['-NOREPLICAS Not enough good replicas to write.', true, /^NOREPLICAS .*min-replicas/],
    ['-MASTERDOWN Link with MASTER is down', true, /^MASTERDOWN .* failover/],
    ['-LOADING Redis is loading the dataset in memory', true, /^LOADING .* still reads/],
    ['-CLUSTERDOWN The cluster is down', true, /^CLUSTERDOWN .* failover/],
    ['Script attempted to execute a write command while the cluster is down and readonly', true, /failover/],
    ['-BUSY Redis is busy running a script.', true, /^BUSY .* another script/],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', false, /^WRONGTYPE .* Another program/],
    ["The user executing the script can't run this command or subcommand", false, /^The user .* ACL SETUSER/],
    ['-NOPERM this user has no permissions', false, /^NOPERM .* ACL SETUSER/],
    ['Script attempted to access a non local key in a cluster node', false, /keyPrefix/],
    ['Unknown Redis command called from Lua script', false, /6\.2/],
  ];
  for (const [refusal, retriable, says] of inScripts) {
    it(`understands "${refusal.slice(0, 40)}…" inside a script, as Redis before 7 words it`, () => {
      const message = `ERR Error running script (call to f_${SHA}): @user_script:9: @user_script: 9: ${refusal}`;
      const failure = redisFailure(new Error(message));
      expect(failure).to.include({ retriable });
      expect(failure.reason).to.match(says).and.not.include('user_script');
    });
  }

  it('is that of a replica, where another server may be the master', () => {
    const isReplica = (message: string) => redisFailure(new Error(message)).isReplica;
    expect(['READONLY x', 'ERR READONLY x', 'MASTERDOWN x'].map(isReplica)).to.deep.equal([true, true, true]);
    expect(['OOM x', 'LOADING x', 'connect ECONNREFUSED'].map(isReplica)).to.deep.equal([false, false, false]);
  });

  it('looks at the node behind the error of a cluster', () => {
    const error = Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: new Error('NOAUTH x') });
    expect(redisFailure(error)).to.include({
      retriable: false,
      reason: 'NOAUTH x. Give ioredis the password, and the username where there is one.',
    });
  });

  it('says the code of an error without a message, or what else was thrown', () => {
    expect(redisFailure(Object.assign(new Error(''), { code: 'ECONNREFUSED' })).reason).to.match(/^ECONNREFUSED\./);
    expect(redisFailure(new Error('')).reason).to.match(/^Error\./);
    expect(redisFailure('text').reason).to.match(/^text\./);
  });

  it('never passes, when it was refused here', () => {
    expect(redisFailure(new RedisRefusal('LOADING'))).to.include({ retriable: false, reason: 'LOADING' });
  });
});
