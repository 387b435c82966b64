import { expect } from 'chai';
import type { Emulator } from '../../src/index.js';
import { RestObject } from '../../src/rest/rest-object.js';
import { changesOn, errorOf, type RestAnswer, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

const DATA = '/services/data/v64.0';

interface SubAnswer {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string;
}

const contactOfNew = [
  { method: 'POST', url: `${DATA}/sobjects/Account`, referenceId: 'newAccount', body: { Name: 'Abel', Sic: '7' } },
  {
    method: 'POST',
    url: `${DATA}/sobjects/Contact`,
    referenceId: 'newContact',
    body: { LastName: 'Abel', AccountId: '@{newAccount.id}', Description: 'of @{newAccount.id}!' },
  },
  {
    method: 'GET',
    url: `${DATA}/query?q=SELECT+Id,Account.Sic+FROM+Contact+WHERE+AccountId='@{newAccount.id}'`,
    referenceId: 'found',
  },
  {
    method: 'PATCH',
    url: `${DATA}/sobjects/Contact/@{found.records[0].Id}`,
    referenceId: 'changed',
    body: { Title: '@{found.records[0].Account.Sic}' },
  },
];

describe('A composite', () => {
  for (const allOrNone of [false, true]) {
    it(`uses earlier answers in later requests, when allOrNone is ${allOrNone}`, () =>
      withEmulator({}, async (emulator) => {
        const answers = await composite(emulator, contactOfNew, allOrNone);
        expect(answers.map(({ httpStatusCode }) => httpStatusCode)).to.deep.equal([201, 201, 200, 204]);
        const id = (answers[0]!.body as { id: string }).id;
        expect(answers[0]!.httpHeaders).to.deep.equal({ Location: `${DATA}/sobjects/Account/${id}` });
        expect(answers[3]).to.deep.equal({ body: null, httpHeaders: {}, httpStatusCode: 204, referenceId: 'changed' });
        const [contact] = emulator.org.records('Contact');
        expect(contact).to.include({ AccountId: id, Description: `of ${id}!`, Title: '7' });
      }));
  }

  it('makes one transaction, when it is all or none, and one for each request otherwise', () =>
    withEmulator({}, async (emulator, client) => {
      const create = (referenceId: string) => ({
        method: 'POST',
        url: `${DATA}/sobjects/Account`,
        referenceId,
        body: { Name: referenceId },
      });
      await composite(emulator, [create('a'), create('b')], true);
      await composite(emulator, [create('c'), create('d')], false);
      const events = await changesOn(client, '/data/AccountChangeEvent', 4);
      const keys = events.map(({ header }) => header.transactionKey);
      expect(keys[0]).to.equal(keys[1]);
      expect(new Set(keys).size).to.equal(3);
    }));

  it('changes nothing and makes no event, when one request of all or none fails', () =>
    withEmulator({}, async (emulator) => {
      const requests = [
        contactOfNew[0]!,
        { method: 'POST', url: `${DATA}/sobjects/Contact`, referenceId: 'bad', body: { FirstName: 'no last name' } },
        { method: 'GET', url: `${DATA}/limits`, referenceId: 'never' },
      ];
      const answers = await composite(emulator, requests, true);
      expect(answers.map(({ httpStatusCode }) => httpStatusCode)).to.deep.equal([400, 400, 400]);
      expect(answers.map(({ body }) => (body as [{ errorCode: string }])[0].errorCode)).to.deep.equal([
        'PROCESSING_HALTED',
        'REQUIRED_FIELD_MISSING',
        'PROCESSING_HALTED',
      ]);
      expect(emulator.org.records('Account')).to.deep.equal([]);
      expect(emulator.log('/data/AccountChangeEvent')).to.deep.equal([]);
    }));

  it('goes on without what failed, when it is not all or none', () =>
    withEmulator({}, async (emulator) => {
      const [create, ...others] = contactOfNew;
      const requests = [{ ...create!, body: {} }, others[0]!, { ...create!, referenceId: 'other' }];
      const answers = await composite(emulator, requests, false);
      expect(answers.map(({ httpStatusCode }) => httpStatusCode)).to.deep.equal([400, 400, 201]);
      expect(answers[1]).to.have.nested.property(
        'body[0].message',
        'Invalid reference specified. No value for newAccount.id found in newAccount',
      );
      expect(emulator.org.records('Account')).to.have.length(1);
    }));

  it('counts as one request, whatever is in it', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const { headers } = await rest.request('POST', '/composite', { compositeRequest: contactOfNew });
      expect(headers.get('sforce-limit-info')).to.equal('api-usage=1/15000');
    }));

  const refused: readonly (readonly [string, unknown, string])[] = [
    ['there are no requests', {}, 'REQUIRED_FIELD_MISSING'],
    ['a request has no url', { compositeRequest: [{ method: 'GET', referenceId: 'a' }] }, 'REQUIRED_FIELD_MISSING'],
    ['two have one name', { compositeRequest: [contactOfNew[0], contactOfNew[0]] }, 'INVALID_INPUT'],
    ['one has no name', { compositeRequest: [{ method: 'GET', url: `${DATA}/limits` }] }, 'INVALID_INPUT'],
    ['there are too many', { compositeRequest: Array.from({ length: 26 }, () => ({})) }, 'LIMIT_EXCEEDED'],
    ['one is null', { compositeRequest: [null] }, 'JSON_PARSER_ERROR'],
  ];
  for (const [what, body, errorCode] of refused) {
    it(`is refused as a whole, when ${what}`, () =>
      withEmulator({}, async (emulator) => {
        const answer = await new RestClient(emulator).request('POST', '/composite', body);
        expect(errorOf(answer)).to.include({ status: 400, errorCode });
      }));
  }

  it('refuses another composite, however many slashes are in its path, and changes nothing', () =>
    withEmulator({}, async (emulator) => {
      const graphs = [
        { graphId: 'g', compositeRequest: [contactOfNew[0], { ...contactOfNew[0], body: {}, referenceId: 'b' }] },
      ];
      const urls = ['/composite//graph', '//composite///graph//', '/composite//', '/x/..//composite/graph'];
      const requests = urls.map((url, index) => ({
        method: 'POST',
        url: `${DATA}${url}`,
        referenceId: `r${index}`,
        body: { graphs },
      }));
      const answers = await composite(emulator, requests, false);
      expect(answers.map(({ httpStatusCode }) => httpStatusCode)).to.deep.equal([400, 400, 400, 400]);
      expect(await composite(emulator, requests.slice(0, 1), true)).to.have.nested.property('[0].httpStatusCode', 400);
      expect(emulator.org.records('Account')).to.deep.equal([]);
    }));

  it('refuses a request to elsewhere or to another composite, when one is in it', () =>
    withEmulator({}, async (emulator) => {
      const urls = [`${DATA}/composite`, `${DATA}/composite/batch/`, 'https://elsewhere.example/x', '//', '@{a.b}'];
      const requests = urls.map((url, index) => ({ method: 'POST', url, referenceId: `r${index}`, body: {} }));
      const answers = await composite(emulator, requests, false);
      expect(answers.every(({ httpStatusCode }) => httpStatusCode >= 400)).to.equal(true);
    }));
});

describe('A graph of composites', () => {
  it('does each as a whole or not at all', () =>
    withEmulator({}, async (emulator) => {
      const bad = [contactOfNew[0], { ...contactOfNew[0], referenceId: 'bad', body: {} }];
      const graphs = [
        { graphId: '1', compositeRequest: contactOfNew },
        { graphId: '2', compositeRequest: bad },
      ];
      const { body } = await new RestClient(emulator).request('POST', '/composite/graph', { graphs });
      expect(body).to.have.nested.property('graphs[0].isSuccessful', true);
      expect(body).to.have.nested.property('graphs[1].isSuccessful', false);
      expect(body).to.have.nested.property('graphs[1].graphResponse.compositeResponse[1].httpStatusCode', 400);
      expect(emulator.org.records('Account')).to.have.length(1);
    }));
});

describe('The graphs of a call', () => {
  const read = (referenceId: string) => ({ method: 'GET', url: `${DATA}/limits`, referenceId });
  const graphOf = (graphId: unknown, length = 1) => ({
    graphId,
    compositeRequest: Array.from({ length }, (_, index) => read(`r${index}`)),
  });

  it('are refused, when an id is so deep that no answer could repeat it, and the emulator goes on', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
      const body = JSON.stringify({ graphs: [graphOf('ID')] }).replace('"ID"', deep);
      const answer = await rest.request('POST', '/composite/graph', body, { 'content-type': 'application/json' });
      expect(errorOf(answer)).to.include({ status: 400, errorCode: 'INVALID_INPUT' });
      expect((await rest.request('GET', '/limits')).status).to.equal(200);
    }));

  const refused: readonly (readonly [string, readonly unknown[], string])[] = [
    ['an id is no text', [graphOf(5)], 'INVALID_INPUT'],
    ['an id is missing', [graphOf(undefined)], 'INVALID_INPUT'],
    ['two have one id', [graphOf('a'), graphOf('a')], 'INVALID_INPUT'],
    ['one is null', [null], 'JSON_PARSER_ERROR'],
    ['they are too many', Array.from({ length: 76 }, (_, index) => graphOf(`g${index}`)), 'LIMIT_EXCEEDED'],
    ['their requests are too many together', [graphOf('a', 300), graphOf('b', 201)], 'LIMIT_EXCEEDED'],
  ];
  for (const [what, others, errorCode] of refused) {
    it(`are all refused before one is performed, when ${what}`, () =>
      withEmulator({}, async (emulator) => {
        const graphs = [{ graphId: 'first', compositeRequest: [contactOfNew[0]] }, ...others];
        const answer = await new RestClient(emulator).request('POST', '/composite/graph', { graphs });
        expect(errorOf(answer)).to.include({ status: 400, errorCode });
        expect(emulator.org.records('Account')).to.deep.equal([]);
      }));
  }
});

describe('A batch', () => {
  it('answers each request, whatever becomes of the others', () =>
    withEmulator({}, async (emulator) => {
      const id = emulator.org.create('Account', { Name: 'a' });
      const batchRequests = [
        { method: 'PATCH', url: `v64.0/sobjects/Account/${id}`, richInput: { Name: 'b' } },
        { method: 'GET', url: 'v64.0/sobjects/Nothing/describe' },
        { method: 'GET', url: `${DATA}/sobjects/Account/${id}?fields=Name` },
      ];
      const { status, body } = await new RestClient(emulator).request('POST', '/composite/batch', { batchRequests });
      expect(status).to.equal(200);
      expect(body).to.have.property('hasErrors', true);
      expect(body).to.have.deep.nested.property('results[0]', { statusCode: 204, result: null });
      expect(body).to.have.nested.property('results[1].result[0].errorCode', 'NOT_FOUND');
      expect(body).to.have.nested.property('results[2].result.Name', 'b');
    }));

  it('performs nothing after an error, when it is to halt there', () =>
    withEmulator({}, async (emulator) => {
      const create = (richInput: object) => ({ method: 'POST', url: 'v64.0/sobjects/Account', richInput });
      const { body } = await new RestClient(emulator).request('POST', '/composite/batch', {
        haltOnError: true,
        batchRequests: [create({ Name: 'a' }), create({}), create({ Name: 'b' })],
      });
      const { results } = body as { results: { statusCode: number }[] };
      expect(results.map(({ statusCode }) => statusCode)).to.deep.equal([201, 400, 412]);
      expect(emulator.org.records('Account')).to.have.length(1);
    }));
});

describe('A tree', () => {
  const account = (referenceId: string, more: object) => ({ attributes: { type: 'Account', referenceId }, ...more });
  const contact = (referenceId: string, more: object) => ({ attributes: { type: 'Contact', referenceId }, ...more });

  it('creates records with those that name them, in one transaction', () =>
    withEmulator({}, async (emulator, client) => {
      const records = [
        account('a', { Name: 'a', Contacts: { records: [contact('c', { LastName: 'c' })] } }),
        account('b', { Name: 'b' }),
      ];
      const answer = await new RestClient(emulator).request('POST', '/composite/tree/Account', { records });
      expect(answer.status).to.equal(201);
      const { results } = answer.body as { results: { referenceId: string; id: string }[] };
      expect(results.map(({ referenceId }) => referenceId)).to.deep.equal(['a', 'c', 'b']);
      expect(emulator.org.record('Contact', results[1]!.id)).to.include({ AccountId: results[0]!.id });
      const events = await changesOn(client, '/data/ChangeEvents', 3);
      expect(new Set(events.map(({ header }) => header.transactionKey)).size).to.equal(1);
    }));

  it('creates nothing and blames the record, when one is not valid', () =>
    withEmulator({}, async (emulator) => {
      const records = [account('a', { Name: 'a', Contacts: { records: [contact('c', { FirstName: 'c' })] } })];
      const { status, body } = await new RestClient(emulator).request('POST', '/composite/tree/Account', { records });
      expect(status).to.equal(400);
      expect(body).to.have.property('hasErrors', true);
      expect(body).to.have.deep.nested.property('results[0].referenceId', 'c');
      expect(body).to.have.deep.nested.property('results[0].errors[0].statusCode', 'REQUIRED_FIELD_MISSING');
      expect(emulator.org.records('Account')).to.deep.equal([]);
    }));

  it('is refused before its records are looked at, when they are too many', () =>
    withEmulator({}, async (emulator) => {
      const many = Array.from({ length: 201 }, () => null);
      for (const records of [many, [account('a', { Name: 'a', Contacts: { records: many.slice(1) } })]]) {
        const answer = await new RestClient(emulator).request('POST', '/composite/tree/Account', { records });
        expect(errorOf(answer)).to.include({ status: 400, errorCode: 'INVALID_INPUT' });
        expect(errorOf(answer).message).to.contain('at most 200 records');
      }
    }));

  it('looks up once what children an object has, however many fields its records bring', () =>
    withEmulator({}, async (emulator) => {
      const original = Object.getOwnPropertyDescriptor(RestObject.prototype, 'childRelationships')!;
      const lookups: string[] = [];
      RestObject.prototype.childRelationships = function (this: RestObject) {
        lookups.push(this.name);
        return (original.value as RestObject['childRelationships']).call(this);
      };
      try {
        const records = ['a', 'b', 'c'].map((name) =>
          account(name, { Name: name, Phone: '1', Contacts: { records: [contact(`${name}1`, { LastName: name })] } }),
        );
        const { status } = await new RestClient(emulator).request('POST', '/composite/tree/Account', { records });
        expect(status).to.equal(201);
        expect(lookups.sort()).to.deep.equal(['Account', 'Contact']);
      } finally {
        Object.defineProperty(RestObject.prototype, 'childRelationships', original);
      }
    }));

  it('is refused, when a record has no reference or one that another has, or is of another type', () =>
    withEmulator({}, async (emulator) => {
      for (const records of [
        [{ attributes: { type: 'Account' }, Name: 'a' }],
        [account('a', { Name: 'a' }), account('a', { Name: 'b' })],
        [contact('c', { LastName: 'c' })],
        'none',
      ]) {
        const answer: RestAnswer = await new RestClient(emulator).request('POST', '/composite/tree/Account', {
          records,
        });
        expect(errorOf(answer)).to.include({ status: 400, errorCode: 'INVALID_INPUT' });
      }
    }));
});

async function composite(
  emulator: Emulator,
  compositeRequest: readonly object[],
  allOrNone: boolean,
): Promise<SubAnswer[]> {
  const { status, body } = await new RestClient(emulator).request('POST', '/composite', {
    allOrNone,
    compositeRequest,
  });
  expect(status).to.equal(200);
  return (body as { compositeResponse: SubAnswer[] }).compositeResponse;
}
