import { expect } from 'chai';
import type { Emulator } from '../../src/index.js';
import { RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

interface Wrong {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly version?: string;
}

/** What is wrong, the request, and the status and code that Salesforce has for it. */
const WRONG: readonly (readonly [string, Wrong, number, string])[] = [
  ['there is no such object', { path: '/sobjects/Nothing/describe' }, 404, 'NOT_FOUND'],
  ['there is no such object to create', { method: 'POST', path: '/sobjects/Nothing', body: {} }, 404, 'NOT_FOUND'],
  ['a query is of no object', { path: '/query?q=SELECT+Id+FROM+Nothing' }, 400, 'INVALID_TYPE'],
  [
    'there is no such field to write',
    { method: 'POST', path: '/sobjects/Account', body: { Name: 'a', Nothing: 1 } },
    400,
    'INVALID_FIELD',
  ],
  ['there is no such field to read', { path: '/sobjects/Account/{id}?fields=Nothing' }, 400, 'INVALID_FIELD'],
  ['there is no such field to query', { path: '/query?q=SELECT+Nothing+FROM+Account' }, 400, 'INVALID_FIELD'],
  ['an id has another form', { path: '/sobjects/Account/none' }, 404, 'NOT_FOUND'],
  ['an id is of another object', { method: 'DELETE', path: '/sobjects/Contact/{id}' }, 400, 'MALFORMED_ID'],
  ['an id names nothing', { method: 'DELETE', path: '/sobjects/Account/001000000000000AAA' }, 404, 'NOT_FOUND'],
  [
    'an id in a query has another form',
    { path: "/query?q=SELECT+Id+FROM+Account+WHERE+Id='x'" },
    400,
    'INVALID_QUERY_FILTER_OPERATOR',
  ],
  [
    'a field is missing',
    { method: 'POST', path: '/sobjects/Account', body: { Phone: '1' } },
    400,
    'REQUIRED_FIELD_MISSING',
  ],
  [
    'a field is too long',
    { method: 'POST', path: '/sobjects/Account', body: { Name: 'a', Phone: 'x'.repeat(99) } },
    400,
    'STRING_TOO_LONG',
  ],
  ['a query is none', { path: '/query?q=SELECT' }, 400, 'MALFORMED_QUERY'],
  ['a query is missing', { path: '/query' }, 400, 'MALFORMED_QUERY'],
  ['a query to explain is none', { path: '/query?explain=SELECT' }, 400, 'MALFORMED_QUERY'],
  ['a locator is none', { path: '/query/01g000000000001-2000' }, 400, 'INVALID_QUERY_LOCATOR'],
  [
    'a body is in XML',
    { method: 'POST', path: '/sobjects/Account', body: '<a/>', headers: { 'content-type': 'application/xml' } },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  ['a body is cut off', { method: 'POST', path: '/sobjects/Account', body: '{"Name":' }, 400, 'JSON_PARSER_ERROR'],
  ['a body is a list', { method: 'POST', path: '/sobjects/Account', body: [] }, 400, 'JSON_PARSER_ERROR'],
  ['a token is none', { path: '/limits', headers: { authorization: 'Bearer none' } }, 401, 'INVALID_SESSION_ID'],
  [
    'a header has no token',
    { path: '/limits', headers: { authorization: 'Basic bm9uZQ==' } },
    401,
    'INVALID_AUTH_HEADER',
  ],
  ['a version is yet to come', { path: '/limits', version: 'v99.0' }, 404, 'NOT_FOUND'],
  ['a version is none', { path: '/limits', version: 'latest' }, 404, 'NOT_FOUND'],
  ['a method is another', { method: 'PUT', path: '/sobjects/Account/{id}', body: {} }, 405, 'METHOD_NOT_ALLOWED'],
  ['a span of time is missing', { path: '/sobjects/Account/deleted' }, 400, 'MALFORMED_QUERY'],
];

describe('The errors of the REST API', () => {
  for (const [what, wrong, status, errorCode] of WRONG) {
    it(`are a list with ${errorCode}, when ${what}`, () =>
      withEmulator({}, async (emulator) => {
        const answer = await request(emulator, wrong);
        expect(answer.status).to.equal(status);
        expect(answer.headers.get('content-type')).to.match(/^application\/json/);
        const errors = answer.body as { errorCode: string; message: string }[];
        expect(errors).to.have.length(1);
        expect(errors[0]).to.include({ errorCode }).and.to.have.property('message').that.is.a('string');
      }));
  }

  it('name the fields, when fields are to blame', () =>
    withEmulator({}, async (emulator) => {
      const { body } = await request(emulator, { method: 'POST', path: '/sobjects/Lead', body: {} });
      expect(body).to.have.deep.nested.property('[0].fields').that.has.members(['LastName', 'Company']);
    }));

  it('are of the session, when it has expired', () =>
    withEmulator({}, async (emulator) => {
      emulator.faults.expireSessions();
      const { status, body } = await request(emulator, { path: '/limits' });
      expect(status).to.equal(401);
      expect(body).to.deep.equal([{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);
    }));
});

function request(emulator: Emulator, { method = 'GET', path, body, headers, version }: Wrong) {
  const id = emulator.org.create('Account', { Name: 'a' });
  return new RestClient(emulator, version).request(method, path.replace('{id}', id), body, headers);
}
