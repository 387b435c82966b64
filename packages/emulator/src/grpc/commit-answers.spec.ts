import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CommitAnswer } from '../wire/commit-response.js';
import { CommitAnswers } from './commit-answers.js';

describe('CommitAnswers', () => {
  it('gives one answer with the values of the last, when several commits come in one turn', async () => {
    const { sent, answers } = setUp();
    ['a', 'b', 'c'].forEach((id) => answers.add(answer(id)));
    expect(sent).to.deep.equal([]);
    await nextTurn();
    expect(sent).to.deep.equal(['c']);
    answers.add(answer('d'));
    await nextTurn();
    expect(sent).to.deep.equal(['c', 'd']);
  });

  it('gives a commit that failed an answer of its own, when others come before and after it', async () => {
    const { sent, answers } = setUp();
    [answer('a'), answer('b'), answer('no', 'No.'), answer('c'), answer('d')].forEach((each) => answers.add(each));
    await nextTurn();
    expect(sent).to.deep.equal(['b', 'no', 'd']);
  });

  it('sends what waits at once and only once, when it is told to', async () => {
    const { sent, answers } = setUp();
    answers.add(answer('a'));
    answers.flush();
    expect(sent).to.deep.equal(['a']);
    await nextTurn();
    expect(sent).to.deep.equal(['a']);
  });

  it('sends nothing, when what waits was discarded', async () => {
    const { sent, answers } = setUp();
    answers.add(answer('a'));
    answers.discard();
    answers.flush();
    await nextTurn();
    expect(sent).to.deep.equal([]);
  });
});

function setUp() {
  const sent: string[] = [];
  return { sent, answers: new CommitAnswers(({ commitRequestId }) => sent.push(commitRequestId)) };
}

function answer(commitRequestId: string, msg?: string): CommitAnswer {
  return {
    commitRequestId,
    replayId: Buffer.from('r'),
    error: msg === undefined ? null : { code: 2, msg },
    processTime: 0,
  };
}
