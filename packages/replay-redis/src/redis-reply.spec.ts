import { expect } from 'chai';
import { replyIn, withoutArguments } from './redis-reply.js';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const BEFORE_7 = `ERR Error running script (call to f_${SHA}): @user_script:25: `;

describe('replyIn', () => {
  const said = "READONLY You can't write against a read only replica.";
  for (const [what, message] of [
    ['as it is', said],
    ['before 7, from the check before a command', `${BEFORE_7}@user_script: 25: -${said}`],
    ['before 7, from the command itself', `${BEFORE_7}${said}`],
    ['before 7, with one place', `ERR Error running script (call to f_${SHA}): @user_script:1: -${said}`],
    ['with the general code before it', `ERR ${said}`],
    ['with the name of its class before it', `ReplyError: ${said}`],
  ] as const) {
    it(`is what Redis says, ${what}`, () => expect(replyIn(message)).to.equal(said));
  }

  it('is what Redis says, from 7 on, without the place after it', () => {
    expect(replyIn(`${said} script: ${SHA}, on @user_script:25.`)).to.equal(said.slice(0, -1));
  });

  it('leaves other messages as they are', () => {
    const others = ['connect ECONNREFUSED 127.0.0.1:6379', 'ERR unknown command', 'ERR DB index is out of range', ''];
    for (const message of others) expect(replyIn(message)).to.equal(message);
  });

  it('repeats nothing of what was sent', () => {
    const message = "ERR unknown command 'AUTH', with args beginning with: 'hunter2' 'line\nbreak' ";
    expect(replyIn(message)).to.equal("ERR unknown command 'AUTH'");
    expect(withoutArguments(`before\n${message}`)).to.equal("before\nERR unknown command 'AUTH'");
  });
});
