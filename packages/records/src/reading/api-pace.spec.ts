import { expect } from 'chai';
import { ApiPace } from './api-pace.js';

describe('ApiPace', () => {
  const paced = (pauseBelow: number) => {
    const warnings: string[] = [];
    const pace = new ApiPace(pauseBelow, (message) => warnings.push(message));
    const pauseAfter = (info: string | null) => {
      pace.note(info);
      return pace.pauseMs();
    };
    return { pauseAfter, warnings };
  };

  it('does not wait before the org has said anything, nor where it has enough calls left', () => {
    const { pauseAfter, warnings } = paced(0.1);
    expect(pauseAfter(null)).to.equal(0);
    expect(pauseAfter('api-usage=1/15000')).to.equal(0);
    expect(pauseAfter('api-usage=9000/10000')).to.equal(0);
    expect(warnings).to.deep.equal([]);
  });

  it('waits from a second to a minute, the fewer are left', () => {
    const { pauseAfter } = paced(0.2);
    expect(pauseAfter('api-usage=8001/10000')).to.be.within(1_000, 1_100);
    expect(pauseAfter('api-usage=9000/10000')).to.equal(30_500);
    expect(pauseAfter('api-usage=10000/10000')).to.equal(60_000);
    expect(pauseAfter('api-usage=10400/10000')).to.equal(60_000);
  });

  it('warns each time that it begins to wait', () => {
    const { pauseAfter, warnings } = paced(0.1);
    for (const used of [9_500, 9_600, 100, 9_500]) pauseAfter(`api-usage=${used}/10000; per-app-api-usage=17/250`);
    expect(warnings).to.have.length(2);
    expect(warnings[0]).to.include('500 of its 10000').and.include('pauseBelow');
  });

  it('never waits, when no share is to be left', () => {
    expect(paced(0).pauseAfter('api-usage=10000/10000')).to.equal(0);
  });

  it('keeps what it knows, when an answer says something else', () => {
    const { pauseAfter } = paced(0.1);
    pauseAfter('api-usage=10000/10000');
    for (const info of [null, '', 'api-usage=x/y', 'api-usage=5/0']) expect(pauseAfter(info)).to.equal(60_000);
  });
});
