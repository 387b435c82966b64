import { expect } from 'chai';
import { closestName } from './closest-name.js';

const NAMES = ['password', 'username', 'port', 'host', 'topics'];

describe('closestName', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['pasword', 'password'],
    ['prot', 'port'],
    ['Topics', 'topics'],
    ['user_name', 'username'],
    ['x', undefined],
    ['something', undefined],
  ];
  for (const [given, name] of cases)
    it(`is ${String(name)}, when it got ${given}`, () => expect(closestName(given, NAMES)).to.equal(name));
});
