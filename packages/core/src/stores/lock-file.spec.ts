import { expect } from 'chai';
import { formatHolder, inUse, parseHolder, type Holder } from './lock-file.js';

const HOLDER: Holder = {
  pid: 7,
  host: 'web-1',
  pidSpace: 'boot pid:[1]',
  processStartedAt: '123',
  since: '2026-01-02T03:04:05.000Z',
  token: 't',
};
const KEY = { organizationId: '00D000000000001', topic: '/data/AccountChangeEvent', name: 'crm-sync' };

describe('A lock file', () => {
  it('gives back its holder', () => {
    expect(parseHolder(formatHolder(HOLDER))).to.deep.equal(HOLDER);
  });

  it('tells no holder, when it is cut off at any byte', () => {
    const text = formatHolder(HOLDER).trimEnd();
    for (let length = 0; length < text.length; length++) expect(parseHolder(text.slice(0, length))).to.equal(undefined);
  });

  for (const pid of [0, -1, 1.5, '7', null]) {
    it(`tells no holder, when its pid is ${JSON.stringify(pid)}`, () => {
      expect(parseHolder(JSON.stringify({ ...HOLDER, pid }))).to.equal(undefined);
    });
  }

  for (const field of Object.keys(HOLDER)) {
    it(`tells no holder, when it has no ${field}`, () => {
      expect(parseHolder(JSON.stringify({ ...HOLDER, [field]: undefined }))).to.equal(undefined);
    });
  }

  for (const text of ['null', '5', '[]', '"x"']) {
    it(`tells no holder, when it is ${text}`, () => expect(parseHolder(text)).to.equal(undefined));
  }
});

describe('The refusal of a position', () => {
  it('names its holder, and what to do', () => {
    const rival = { path: '/replay/x.lock.t', holder: HOLDER, beatAt: Date.UTC(2026, 0, 3), isAlive: true };
    expect(inUse(KEY, rival)).to.include({ code: 'position-in-use', retriable: false, topic: KEY.topic });
    expect(inUse(KEY, rival).message).to.equal(
      'The position "crm-sync" of /data/AccountChangeEvent is in use by process 7 on host web-1 since ' +
        '2026-01-02T03:04:05.000Z (last sign of life 2026-01-03T00:00:00.000Z, lock file /replay/x.lock.t). Two would ' +
        "overwrite each other's position and lose events: stop that process, or give this consumer a name of its own.",
    );
  });

  it('is retriable, when the holder may be dead, or is gone already', () => {
    const rival = { path: '/replay/x.lock.t', holder: undefined, beatAt: 0, isAlive: false };
    expect(inUse(KEY, rival)).to.include({ code: 'position-in-use', retriable: true });
    expect(inUse(KEY, rival).message).to.include('a process unknown').and.include('30 s after its last sign of life');
    expect(inUse(KEY, undefined)).to.include({ code: 'position-in-use', retriable: true });
  });
});
