import { expect } from 'chai';
import { PagesInWork } from './pages-in-work.js';

describe('PagesInWork', () => {
  it('passes a cursor, when all rows up to it are settled, in the order of pages', () => {
    const passed: (readonly [string, number])[] = [];
    const pages = new PagesInWork((cursor, rows) => passed.push([cursor, rows]));
    const [one, two, three] = [pages.open('1', 2), pages.open('2', 1), pages.open('3', 0)];
    one.delivered();
    one.delivered();
    one.complete();
    two.delivered();
    two.complete();
    two.settled();
    one.settled();
    expect(passed).to.deep.equal([]);
    one.settled();
    expect(passed).to.deep.equal([['2', 3]]);
    three.complete();
    expect(passed.at(-1)).to.deep.equal(['3', 0]);
  });

  it('passes no cursor, while rows of its page may still be delivered', () => {
    const passed: string[] = [];
    const page = new PagesInWork((cursor) => passed.push(cursor)).open('1', 2);
    page.delivered();
    page.settled();
    expect(passed).to.deep.equal([]);
    page.delivered();
    page.complete();
    page.settled();
    expect(passed).to.deep.equal(['1']);
  });

  it('says when everything is settled, at once where nothing is in work', async () => {
    const pages = new PagesInWork(() => undefined);
    await pages.allSettled();
    const page = pages.open('1', 1);
    page.delivered();
    let isSettled = false;
    const settled = pages.allSettled().then(() => (isSettled = true));
    page.complete();
    await Promise.resolve();
    expect(isSettled).to.equal(false);
    page.settled();
    await settled;
  });
});
