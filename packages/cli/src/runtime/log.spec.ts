import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { logOfClient, openLog } from './log.js';

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

describe('A log that is closed', () => {
  it('writes nothing more, to standard error neither', () => {
    const written: string[] = [];
    const settings = { level: 'INFO', format: '%(message)s', file: null } as const;
    const log = openLog({ settings, write: (text) => void written.push(text), hide: (text) => text });
    log.info('first');
    log.close();
    log.error('second');
    expect(written).to.deep.equal(['first\n']);
  });
});

describe('logOfClient', () => {
  const said = (plans: readonly { readonly pipeline: string | undefined }[], fields: { readonly type: string }) => {
    const lines: string[] = [];
    const to = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
    const log = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') };
    const nothing = () => undefined;
    logOfClient({ ...log, level: 'info', reopen: nothing, close: nothing }, plans).error('It has ended.', fields);
    return lines;
  };

  it('leaves the error that a topic ends with to the line about that', () => {
    expect(said([{ pipeline: undefined }], { type: 'closed' })).to.deep.equal(['debug It has ended.']);
    expect(said([{ pipeline: undefined }], { type: 'commitFailed' })).to.deep.equal(['error It has ended.']);
  });

  it('says it, where a pipeline may catch it', () => {
    const plans = [{ pipeline: undefined }, { pipeline: './pipeline.js' }];
    expect(said(plans, { type: 'closed' })).to.deep.equal(['error It has ended.']);
  });
});
