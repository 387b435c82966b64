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
    ["READONLY You can't write against a read only replica.", true, /reconnectOnError/],
    ['CLUSTERDOWN The cluster is down', true, /failover/],
    ['MASTERDOWN Link with MASTER is down', true, /failover/],
    ['MOVED 1 127.0.0.1:1', true, /failover/],
    ['NOREPLICAS Not enough good replicas to write.', true, /min-replicas/],
    ['MISCONF Redis is configured to save RDB snapshots', true, /disk/],
    ['ERR max number of clients reached', true, /tried again/],
    ['connect ECONNREFUSED 127.0.0.1:6379', true, /ECONNREFUSED 127.0.0.1:6379\. It is tried again/],
    ['Too many Cluster redirections. Last error: ReplyError: NOPERM no', false, /^NOPERM no\. Let/],
  ];
  for (const [message, retriable, says] of failures) {
    it(`says what to do about "${message.slice(0, 40)}…"`, () => {
      const error = new Error(message);
      const failure = redisFailure(error);
      expect(failure).to.include({ retriable, cause: error });
      expect(failure.reason).to.match(says);
    });
  }

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
