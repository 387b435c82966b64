import { expect } from 'chai';
import { ConfigurationError } from '../model/errors.js';
import { publishTopic, resolvePublisherOptions, resolvePublishOptions } from './options.js';

describe('The options of publishing', () => {
  it('have the documented defaults', () => {
    expect(resolvePublisherOptions({})).to.deep.equal({
      createdById: undefined,
      onUnknown: 'resend',
      onRefused: 'fail',
      maxAttempts: Infinity,
      maxBatchEvents: 200,
      maxBatchBytes: 3_000_000,
      maxInFlight: 4,
      lingerMs: 0,
      idleTimeoutMs: 60_000,
      answerTimeoutMs: 30_000,
      maxBuffered: 100_000,
    });
    for (const options of [{}, { maxAttempts: undefined } as never]) {
      expect(resolvePublishOptions(options)).to.include({ maxAttempts: 5, maxInFlight: 1 });
    }
  });

  const wrong: [object, RegExp][] = [
    [{ maxBatchEvents: 0 }, /maxBatchEvents is 0/],
    [{ maxBatchEvents: 201 }, /from 1 to 200/],
    [{ maxBatchBytes: 4_000_001 }, /from 1 to 4000000/],
    [{ maxInFlight: 0.5 }, /maxInFlight/],
    [{ lingerMs: -1 }, /lingerMs/],
    [{ idleTimeoutMs: 0 }, /idleTimeoutMs/],
    [{ answerTimeoutMs: 0 }, /answerTimeoutMs/],
    [{ maxBuffered: NaN }, /maxBuffered/],
    [{ maxAttempts: 0 }, /maxAttempts/],
    [{ onUnknown: 'retry' }, /'resend' or 'fail'/],
    [{ onRefused: 'ignore' }, /onRefused is "ignore", but must be 'fail' or 'settle'/],
    [{ createdById: '003000000000001' }, /createdById/],
    [{ maxBatchEvent: 5 }, /no option "maxBatchEvent"\. Did you mean "maxBatchEvents"\?/],
  ];
  for (const [options, message] of wrong) {
    it(`refuse ${JSON.stringify(options)}`, () => {
      expect(() => resolvePublisherOptions(options)).to.throw(ConfigurationError, message);
    });
  }

  it('are fewer for publish', () => {
    expect(() => resolvePublishOptions({ maxInFlight: 2 } as never)).to.throw(ConfigurationError, /maxInFlight/);
    expect(() => resolvePublishOptions({ onRefused: 'fail' } as never)).to.throw(ConfigurationError, /onRefused/);
  });
});

describe('publishTopic', () => {
  it('takes topics of platform events', () => {
    expect(publishTopic('/event/Order__e')).to.equal('/event/Order__e');
    expect(publishTopic('Order__e')).to.equal('/event/Order__e');
  });

  for (const topic of ['/data/AccountChangeEvent', 'Account', '', '/event/', undefined]) {
    it(`refuses ${String(topic)}`, () => {
      expect(() => publishTopic(topic!)).to.throw(ConfigurationError, /only platform events/);
    });
  }

  for (const options of [null, 'fail', 5, [], () => undefined]) {
    it(`refuse ${String(options) || 'an array'} in place of options`, () => {
      for (const resolve of [resolvePublishOptions, resolvePublisherOptions]) {
        expect(() => resolve(options as never)).to.throw(
          ConfigurationError,
          /^publish(er)?\(\): the options must be an object/,
        );
      }
    });
  }
});
