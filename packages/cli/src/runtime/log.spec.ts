import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { openLog } from './log.js';

describe('openLog', () => {
  it('writes to standard error and says so once, when the disk is full', function () {
    if (!existsSync('/dev/full')) this.skip();
    const written: string[] = [];
    const log = openLog({
      settings: { level: 'INFO', format: '%(message)s', file: '/dev/full' },
      write: (text) => void written.push(text),
      hide: (text) => text.replace('secret', '***'),
    });
    log.info('first secret');
    log.info('second');
    log.close();
    expect(written).to.deep.equal([
      'The log /dev/full cannot be written (ENOSPC): its lines are here meanwhile.\n',
      'first ***\n',
      'second\n',
    ]);
  });
});
