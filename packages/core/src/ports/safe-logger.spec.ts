import { inspect } from 'node:util';
import { expect } from 'chai';
import { ConfigurationError } from '../model/errors.js';
import { resolveLogger, safeLogger } from './safe-logger.js';

/** A safe logger over one that does this, and what was reported. */
function over(warn: (message: string) => unknown) {
  const reports: string[] = [];
  const logger = safeLogger({ warn }, { warn: (message) => reports.push(message) });
  return { logger, reports };
}

describe('resolveLogger', () => {
  for (const logger of [null, {}, { warn: undefined }, { warn: 'console' }, 'console']) {
    it(`refuses ${inspect(logger)}`, () => {
      expect(() => resolveLogger(logger as never)).to.throw(ConfigurationError, /function warn\(message\)/);
    });
  }

  it('takes the console, and nothing', () => {
    expect([resolveLogger(console), resolveLogger(), resolveLogger(undefined)]).to.have.length(3);
  });
});

describe('safeLogger', () => {
  it('hands warnings on, to the logger as it is', () => {
    const warned: unknown[] = [];
    const own = {
      prefix: 'own',
      warn(message: string) {
        warned.push(`${this.prefix} ${message}`);
      },
    };
    safeLogger(own).warn('careful');
    expect(warned).to.deep.equal(['own careful']);
  });

  it('reports the first failure, when the logger throws, and the warning', () => {
    const { logger, reports } = over(() => {
      throw new Error('disk full');
    });
    logger.warn('first');
    logger.warn('second');
    expect(reports).to.have.length(1);
    expect(reports[0]).to.include('disk full').and.include('first');
  });

  it('reports the first failure, when the logger rejects', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as a logger of somebody else's might
    const { logger, reports } = over(() => Promise.reject('disk full'));
    logger.warn('first');
    logger.warn('second');
    await Promise.resolve();
    await Promise.resolve();
    expect(reports).to.have.length(1);
    expect(reports[0]).to.include('disk full').and.include('first');
  });

  it('waits for nothing, when the logger resolves or gives something', async () => {
    for (const given of [undefined, null, 5, Promise.resolve(), new Promise(() => undefined)]) {
      const { logger, reports } = over(() => given);
      logger.warn('careful');
      await Promise.resolve();
      expect(reports).to.deep.equal([]);
    }
  });
});
