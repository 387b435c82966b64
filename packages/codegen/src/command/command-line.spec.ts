import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { readCommandLine } from './command-line.js';

describe('readCommandLine', () => {
  it('takes objects, platform events and topics', () => {
    const { topics } = readCommandLine(['Account', 'Employee__c', 'Order_Event__e', '/event/LoginEventStream']);
    expect(topics).to.deep.equal([
      '/data/AccountChangeEvent',
      '/data/Employee__ChangeEvent',
      '/event/Order_Event__e',
      '/event/LoginEventStream',
    ]);
  });

  it('writes to standard output and asks for no pick lists, by default', () => {
    const defaults = { help: false, schemaFiles: [], out: undefined, check: false, pickLists: false };
    expect(readCommandLine(['Account'])).to.deep.include(defaults);
  });

  it('takes several schemas, and options in any place', () => {
    const args = ['--schema', 'a.avsc', 'Account', '--out=b.ts', '--schema', 'c.avsc', '--check', '--picklists'];
    expect(readCommandLine(args)).to.deep.equal({
      help: false,
      topics: ['/data/AccountChangeEvent'],
      schemaFiles: ['a.avsc', 'c.avsc'],
      out: 'b.ts',
      check: true,
      pickLists: true,
    });
  });

  it('looks at nothing else, when help is wanted', () => {
    expect(readCommandLine(['-h', 'no such name'])).to.include({ help: true });
    expect(readCommandLine(['--help', '--check'])).to.include({ help: true });
  });

  const mistakes: readonly (readonly [string, string[], string])[] = [
    ['nothing is named', [], 'nothing to write'],
    ['--check has no file', ['Account', '--check'], '--check compares a file'],
    ['the name of the file is empty', ['Account', '--out='], 'need the name of a file'],
    ['the name of a schema file is empty', ['--schema', ''], 'need the name of a file'],
    ['--out has no value', ['Account', '--out'], '--out'],
    ['--check has a value', ['Account', '--check=yes'], '--check'],
    ['a name is none', ['my account'], 'names neither an entity nor a topic'],
  ];
  for (const [condition, args, message] of mistakes) {
    it(`refuses, when ${condition}`, () => {
      expect(() => readCommandLine(args)).to.throw(ConfigurationError, message);
    });
  }
});
