import { expect } from 'chai';
import { runMounted } from './support/mounted-process.js';

describe('File stores and dead letters', function () {
  it('fail for good on a read-only file system, also where their directory is missing', function () {
    const found = runMounted('ro');
    if (!found) return this.skip();
    expect(found.reports.map(({ what }) => what)).to.deep.equal(['load', 'save', 'lock', 'put', 'depth']);
    for (const { what, code, retriable, message } of found.reports) {
      const owner = ['put', 'depth'].includes(what) ? 'dead-letter-queue' : 'replay-store';
      expect({ what, code, retriable }).to.deep.equal({ what, code: owner, retriable: false });
      expect(message).to.match(/EROFS.*read-only: choose another directory/);
    }
  });

  it('may go on when a disk is full, leave nothing half-written there, and do go on when there is room', function () {
    const found = runMounted('size=64k', 'full');
    if (!found) return this.skip();
    const [load, save, lock, put, depth, ...later] = found.reports;
    expect([load?.ok, depth?.ok]).to.deep.equal([true, true]);
    for (const refused of [save, lock, put]) {
      expect(refused).to.include({ ok: false, retriable: true });
      expect(refused?.message).to.match(/ENOSPC.*The disk is full: free some space/);
    }
    expect(found.left).to.equal(0);
    expect(later.map(({ what, ok, message }) => [what, ok, message])).to.deep.equal(
      ['load', 'save', 'lock', 'put', 'depth'].map((what) => [what, true, undefined]),
    );
  });
});
