import { inspect } from 'node:util';
import { expect } from 'chai';
import { ConfigurationError } from '../model/errors.js';
import type { Logger } from './logger.js';
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

  it('hands fields on as the second argument, and to a logger that takes them first as the first', () => {
    const lines: unknown[][] = [];
    const warn = (...line: unknown[]) => void lines.push(line);
    const child = () => undefined;
    const fields = { topic: 'T' };
    safeLogger({ warn }).warn('plain', fields);
    safeLogger({ warn, bindings: child, child } as Logger).warn('as pino', fields);
    safeLogger({ warn, fields: {}, child } as Logger).warn('as bunyan', fields);
    safeLogger({ warn, child } as Logger).warn('as winston', fields);
    safeLogger({ warn, bindings: child, child } as Logger).warn('without');
    expect(lines).to.deep.equal([
      ['plain', fields],
      [fields, 'as pino'],
      [fields, 'as bunyan'],
      ['as winston', fields],
      ['without'],
    ]);
  });

  it('has errors written as warnings, where the logger has no function for them', () => {
    const lines: string[] = [];
    safeLogger({ warn: (message) => lines.push(message) }).error('lost');
    safeLogger({ warn: () => undefined, error: (message) => lines.push(`error: ${message}`) }).error('lost');
    expect(lines).to.deep.equal(['lost', 'error: lost']);
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
