import { AuthenticationError, ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { TopicEnds } from './topic-ends.js';

describe('TopicEnds', () => {
  it('say in one line why a topic has ended, and of another one that ended with it that it did', async () => {
    const lines: string[] = [];
    const around = {
      log: { error: (text: string) => lines.push(text) },
      client: { fetch: () => Promise.reject(new Error()) },
    };
    const ends = new TopicEnds();
    const refused = new AuthenticationError('The login was refused: check privateKeyPath.', { retriable: false });
    const defect = new TypeError('x is undefined');
    const tell = (error: unknown, topic: string) =>
      ends.tell(error, { topic, name: 'default' }, around).catch((thrown: unknown) => thrown === error);
    const rejected = [await tell(refused, 'a'), await tell(refused, 'b'), await tell(defect, 'c')];
    expect(lines).to.deep.equal([
      'a (default) has ended: The login was refused: check private_key_path.',
      'b (default) has ended for the same reason',
      'c (default) has ended: TypeError: x is undefined',
    ]);
    expect([...rejected, ends.hasTold(refused), ends.hasTold(defect), ends.hasTold('text')]).to.deep.equal([
      ...[true, true, true, true],
      ...[false, false],
    ]);
    expect(ends.hasTold(new ConfigurationError('another'))).to.equal(false);
  });
});
