import { expect } from 'chai';
import { closestName } from './closest-name.js';

const NAMES = ['password', 'username', 'port', 'host', 'topics', 'retry_delay_seconds', 'max_concurrent_events'];

describe('closestName', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['pasword', 'password'],
    ['prot', 'port'],
    ['Topics', 'topics'],
    ['user_name', 'username'],
    ['retry_delay', 'retry_delay_seconds'],
    ['max_concurent_event', 'max_concurrent_events'],
    ['retry_del', undefined],
    ['x', undefined],
    ['something', undefined],
  ];
  for (const [given, name] of cases)
    it(`is ${String(name)}, when it got ${given}`, () => expect(closestName(given, NAMES)).to.equal(name));
});
