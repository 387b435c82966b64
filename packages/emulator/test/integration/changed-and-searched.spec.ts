import { expect } from 'chai';
import { errorOf, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

type Json = Record<string, unknown>;

const START = Date.UTC(2024, 1, 29, 10);
const MINUTE = 60_000;

describe('The lists of changed records', () => {
  it('name those that changed or were deleted in a span of minutes', () => {
    let time = START;
    return withEmulator({ now: () => time }, async (emulator) => {
      const { org } = emulator;
      const rest = new RestClient(emulator);
      const [early, gone] = org.create('Account', [{ Name: 'early' }, { Name: 'gone' }]);
      time += 10 * MINUTE;
      const late = org.create('Account', { Name: 'late' });
      org.delete('Account', gone!);
      const ask = async (list: string, from: number, to: number) => {
        const [start, end] = [from, to].map((minutes) => new Date(START + minutes * MINUTE).toISOString());
        const { status, body } = await rest.request(
          'GET',
          `/sobjects/Account/${list}?start=${encodeURIComponent(start!)}&end=${encodeURIComponent(end!)}`,
        );
        expect(status).to.equal(200);
        return body as { ids: string[]; deletedRecords: Json[]; latestDateCovered: string };
      };
      expect((await ask('updated', 0, 5)).ids).to.deep.equal([early]);
      const { ids, latestDateCovered } = await ask('updated', 5, 15);
      expect([ids, latestDateCovered]).to.deep.equal([[late], '2024-02-29T10:15:00.000+0000']);
      expect((await ask('deleted', 5, 15)).deletedRecords).to.deep.equal([
        { id: gone, deletedDate: '2024-02-29T10:10:00.000+0000' },
      ]);
      expect((await ask('deleted', 0, 5)).deletedRecords).to.deep.equal([]);
      org.undelete('Account', gone!);
      expect((await ask('deleted', 5, 15)).deletedRecords).to.deep.equal([]);
    });
  });

  it('are refused, when a span is none or began too long ago', () =>
    withEmulator({ now: () => START }, async (emulator) => {
      const rest = new RestClient(emulator);
      const codeOf = async (query: string) => errorOf(await rest.request('GET', `/sobjects/Account/updated${query}`));
      expect((await codeOf('')).errorCode).to.equal('MALFORMED_QUERY');
      const span = (start: string, end: string) => `?start=${start}T00:00:00Z&end=${end}T00:00:00Z`;
      expect((await codeOf(span('2024-02-29', '2024-02-28'))).errorCode).to.equal('INVALID_REPLICATION_DATE');
      expect((await codeOf(span('2023-02-20', '2024-02-28'))).errorCode).to.equal('INVALID_REPLICATION_DATE');
    }));

  it('begin with what changed last, when recent records are asked for', () => {
    let time = START;
    return withEmulator({ now: () => time }, async (emulator) => {
      const [a, b] = emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      time += MINUTE;
      emulator.org.update('Account', a!, { Phone: '1' });
      const { body } = await new RestClient(emulator).request('GET', '/recent?limit=2');
      expect((body as Json[]).map(({ Id, Name }) => [Id, Name])).to.deep.equal([
        [a, 'a'],
        [b, 'b'],
      ]);
    });
  });
});

describe('Searches', () => {
  const search = async (rest: RestClient, sosl: string) => {
    const { status, body } = await rest.request('GET', `/search?q=${encodeURIComponent(sosl)}`);
    expect(status, sosl).to.equal(200);
    return (body as { searchRecords: Json[] }).searchRecords;
  };

  it('find records by words of them, in the objects and fields that they name', () =>
    withEmulator({}, async (emulator) => {
      const { org } = emulator;
      org.create('Account', [
        { Name: 'Abel Pumps', Phone: '555 12' },
        { Name: 'Other', Description: 'sells to abel' },
        { Name: 'None' },
      ]);
      org.create('Contact', { Name: { FirstName: 'Ada', LastName: 'Abel' }, Email: 'ada@abel.example' });
      const rest = new RestClient(emulator);
      const names = async (sosl: string) => (await search(rest, sosl)).map(({ Name }) => Name);
      expect(await names('FIND {abel} RETURNING Account(Name)')).to.deep.equal(['Abel Pumps', 'Other']);
      expect(await names('FIND {abel} IN NAME FIELDS RETURNING Account(Name), Contact(Name)')).to.deep.equal([
        'Abel Pumps',
        'Ada Abel',
      ]);
      expect(await names('FIND {ab?l AND pum*} RETURNING Account(Name)')).to.deep.equal(['Abel Pumps']);
      expect(await names('FIND {pumps OR none} RETURNING Account(Name ORDER BY Name DESC)')).to.deep.equal([
        'None',
        'Abel Pumps',
      ]);
      expect(await names('find {"sells to"} returning Account(Name)')).to.deep.equal(['Other']);
      expect(await names('FIND {ada} IN EMAIL FIELDS RETURNING Contact(Name)')).to.deep.equal(['Ada Abel']);
      expect(
        await names("FIND {abel} RETURNING Account(Name WHERE Name != 'x)' LIMIT 1), Contact LIMIT 1"),
      ).to.deep.equal(['Abel Pumps']);
      expect(await search(rest, 'FIND {abel}')).to.have.length(3);
      expect(await search(rest, 'FIND {nobody}')).to.deep.equal([]);
    }));

  it('find records by words and objects that stand in an address or a body', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.create('Account', { Name: 'Abel' });
      const rest = new RestClient(emulator);
      const expected = { searchRecords: await search(rest, 'FIND {abel} RETURNING Account(Id, Name)') };
      const simple = '/parameterizedSearch?q=abel&sobject=Account&Account.fields=Id,Name';
      expect((await rest.request('GET', simple)).body).to.deep.equal(expected);
      const body = { q: 'abel', sobjects: [{ name: 'Account', fields: ['Id', 'Name'] }] };
      expect((await rest.request('POST', '/parameterizedSearch', body)).body).to.deep.equal(expected);
    }));

  const refusedBodies: readonly (readonly [string, object, string])[] = [
    ['an object is null', { sobjects: [null] }, 'JSON_PARSER_ERROR'],
    ['an object has no name', { sobjects: [{}] }, 'MALFORMED_SEARCH'],
    ['fields are no list', { sobjects: [{ name: 'Account', fields: 'Id' }] }, 'MALFORMED_SEARCH'],
    ['a field is a list', { sobjects: [{ name: 'Account', fields: [['Id']] }] }, 'MALFORMED_SEARCH'],
    ['objects are too many', { sobjects: Array.from({ length: 21 }, () => ({ name: 'Account' })) }, 'MALFORMED_SEARCH'],
  ];
  for (const [what, body, errorCode] of refusedBodies) {
    it(`are refused with ${errorCode}, when they come in a body where ${what}`, () =>
      withEmulator({}, async (emulator) => {
        const answer = await new RestClient(emulator).request('POST', '/parameterizedSearch', { q: 'abel', ...body });
        expect(errorOf(answer)).to.include({ status: 400, errorCode });
      }));
  }

  const refused: readonly (readonly [string, string])[] = [
    ['', 'MALFORMED_SEARCH'],
    ['SELECT Id FROM Account', 'MALFORMED_SEARCH'],
    ['FIND {a*}', 'MALFORMED_SEARCH'],
    ['FIND {abel} RETURNING', 'MALFORMED_SEARCH'],
    ['FIND {abel} RETURNING Account(Id', 'MALFORMED_SEARCH'],
    ['FIND {abel} RETURNING Account(Id) WITH SNIPPET', 'MALFORMED_SEARCH'],
    ['FIND {abel} RETURNING Nothing(Id)', 'INVALID_TYPE'],
    ['FIND {abel} RETURNING Account(Nothing)', 'INVALID_FIELD'],
  ];
  for (const [sosl, errorCode] of refused) {
    it(`are refused with ${errorCode}, when they are ${sosl || 'nothing'}`, () =>
      withEmulator({}, async (emulator) => {
        const answer = await new RestClient(emulator).request('GET', `/search?q=${encodeURIComponent(sosl)}`);
        expect(errorOf(answer)).to.include({ status: 400, errorCode });
      }));
  }
});
