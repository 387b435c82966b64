import { expect } from 'chai';
import { ConfigurationError, type EventFields, type MismatchPolicy } from '@rxforce/core/model';
import { WantedFields } from './wanted-fields.js';

/** A schema's fields, with the one that is closest to any name. */
function schemaOf(eventName: string, paths: readonly string[], closest?: string): EventFields {
  return {
    eventName,
    kindsOf: (path) => (paths.includes(path) ? ['text'] : undefined),
    closestTo: () => closest,
    schemaJson: '{}',
    isRead: () => true,
    logger: { warn: () => undefined },
  };
}

const account = schemaOf('AccountChangeEvent', ['Name', 'BillingAddress', 'BillingAddress.City'], 'Name');
const contact = schemaOf('ContactChangeEvent', ['Name', 'Email']);

function looked(fields: readonly string[] | undefined, onMismatch: MismatchPolicy, ...schemas: EventFields[]) {
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message) };
  const wanted = new WantedFields('/data/T', { ...(fields && { fields }), onMismatch }, logger);
  return { warnings, errors: schemas.map((schema) => wanted.look(schema)) };
}

describe('WantedFields', () => {
  it('says nothing, when the schema has all names, or none are given', () => {
    for (const fields of [undefined, [], ['Name', 'BillingAddress']]) {
      expect(looked(fields, 'error', account)).to.deep.equal({ warnings: [], errors: [undefined] });
    }
  });

  it('warns of each name once, with the one that is closest', () => {
    const { warnings, errors } = looked(['Nmae', 'Other'], 'warn', account, account, contact);
    expect(errors).to.deep.equal([undefined, undefined, undefined]);
    expect(warnings).to.have.length(2);
    expect(warnings[0]).to.match(
      /^\/data\/T: fields names "Nmae", but AccountChangeEvent has no such field. Did you mean "Name"\?/,
    );
  });

  it('gives an error, as often as it is asked', () => {
    const { warnings, errors } = looked(['Name', 'Nmae'], 'error', account, account);
    expect(warnings).to.deep.equal([]);
    for (const error of errors) {
      expect(error).to.be.instanceOf(ConfigurationError);
      expect(error).to.include({ topic: '/data/T' });
      expect(error?.message).to.include('Did you mean "Name"?');
    }
  });

  it('says nothing, when that is asked for', () => {
    expect(looked(['Nmae'], 'ignore', account)).to.deep.equal({ warnings: [], errors: [undefined] });
  });

  it('takes a name for right, when a schema before had it', () => {
    expect(looked(['Email'], 'error', contact, account).errors).to.deep.equal([undefined, undefined]);
    expect(looked(['Email'], 'error', account, contact).errors.map((error) => error === undefined)).to.deep.equal([
      false,
      true,
    ]);
  });

  const advice: [string, string, EventFields][] = [
    ['Id', 'header.recordIds', account],
    ['BillingAddress.City', 'which comes whole: "BillingAddress"', account],
    [
      'BillingCity',
      'Did you mean "BillingAddress", which comes with its City?',
      schemaOf('A', [], 'BillingAddress.City'),
    ],
    ['Windows', 'client.schema()', contact],
  ];
  for (const [name, expected, schema] of advice) {
    it(`says what to do about ${name}`, () => expect(looked([name], 'warn', schema).warnings[0]).to.include(expected));
  }
});
