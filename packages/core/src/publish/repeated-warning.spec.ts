import { expect } from 'chai';
import { runMarbles } from '../testing/run-marbles.js';
import { RepeatedWarning } from './repeated-warning.js';

/** Has something happen at these times, in seconds, and gives what was said, with the time of it. */
function said(times: readonly number[], endsAt: number, end: 'end' | 'drop' = 'end'): readonly string[] {
  const heard: string[] = [];
  runMarbles(({ scheduler, flush }) => {
    const warning = new RepeatedWarning(scheduler, (message) => heard.push(`${scheduler.now() / 1_000}: ${message}`));
    for (const seconds of times) {
      scheduler.schedule(() => warning.happened(2, 'first', (count) => `${count} more`), seconds * 1_000);
    }
    scheduler.schedule(() => {
      warning[end]();
      expect(scheduler.actions).to.be.empty;
    }, endsAt * 1_000);
    flush();
  });
  return heard;
}

describe('RepeatedWarning', () => {
  it('says the first at once, and then every 30 seconds how many there were', () => {
    expect(said([1, 2, 15, 35, 50, 62], 500)).to.deep.equal(['1: first', '31: 4 more', '61: 4 more', '91: 2 more']);
  });

  it('says the next at once, after 30 seconds without any', () => {
    expect(said([1, 32], 500)).to.deep.equal(['1: first', '32: first']);
  });

  it('says at the end what was not said, and leaves no timer behind', () => {
    expect(said([1, 2], 3)).to.deep.equal(['1: first', '3: 2 more']);
    expect(said([1], 3)).to.deep.equal(['1: first']);
    expect(said([], 3)).to.be.empty;
  });

  it('says no more, when the rest is dropped', () => {
    expect(said([1, 2], 3, 'drop')).to.deep.equal(['1: first']);
  });
});
