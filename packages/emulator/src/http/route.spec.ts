import { expect } from 'chai';
import { answer, type HttpAnswer, type HttpRequest, type Route } from './route.js';

const routes: Route[] = [
  { method: 'GET', path: '/a', handle: () => ({ type: 'text', status: 200, body: 'got' }) },
  { method: 'GET', path: '/names/*', handle: ({ path }) => ({ type: 'text', status: 200, body: path }) },
  { method: 'POST', path: '/a', handle: ({ body }) => ({ type: 'json', status: 201, body }) },
  { method: 'GET', path: '/v/*/things/*', handle: tellSegments },
  { method: 'PATCH', path: '/v/*/things/*', handle: tellSegments },
  { method: 'DELETE', path: '/v/*/things/*', handle: tellSegments },
  { method: 'GET', path: '/v/*/things/all', handle: () => ({ type: 'text', status: 200, body: 'all' }) },
];

describe('answer', () => {
  it('takes the route of path and method, when there is one', () => {
    expect(answer(routes, request('GET', '/a'))).to.include({ status: 200, body: 'got' });
    expect(answer(routes, request('POST', '/a'))).to.include({ status: 201, body: 'sent' });
  });

  it('answers 405 and what is allowed, when only the method differs', () => {
    expect(answer(routes, request('PUT', '/a'))).to.deep.include({ status: 405, headers: { allow: 'GET, POST' } });
  });

  it('takes a route with any last segment, when it has an asterisk there', () => {
    expect(answer(routes, request('GET', '/names/b'))).to.include({ status: 200, body: '/names/b' });
    for (const path of ['/names', '/names/', '/names/b/c', '/other/b']) {
      expect(answer(routes, request('GET', path)), path).to.include({ status: 404 });
    }
  });

  it('hands over what stands for the asterisks, when there are several', () => {
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect(answer(routes, request(method, '/v/1/things/a%20b%2Fc'))).to.deep.include({ body: ['1', 'a b/c'] });
    }
    expect(answer(routes, request('GET', '/v/1/things/100%'))).to.deep.include({ body: ['1', '100%'] });
    expect(answer(routes, request('GET', '/v//things/2'))).to.include({ status: 404 });
  });

  it('takes the first in the table, when several fit', () => {
    expect(answer(routes, request('GET', '/v/1/things/all'))).to.deep.include({ body: ['1', 'all'] });
  });

  it('answers as without it, when there is a slash at the end', () => {
    expect(answer(routes, request('GET', '/a/'))).to.include({ body: 'got' });
    expect(answer(routes, request('GET', '/v/1/things/2/'))).to.deep.include({ body: ['1', '2'] });
    expect(answer(routes, request('GET', '/a//'))).to.include({ status: 404 });
  });

  it('answers HEAD as GET, when there is a route for GET', () => {
    expect(answer(routes, request('HEAD', '/a'))).to.include({ status: 200, body: 'got' });
    expect(answer(routes, request('HEAD', '/b'))).to.include({ status: 404 });
  });

  it('answers 404, when the path differs', () => {
    expect(answer(routes, request('GET', '/A'))).to.include({ status: 404 });
  });
});

function tellSegments(_request: HttpRequest, body: readonly string[]): HttpAnswer {
  return { type: 'json', status: 200, body };
}

function request(method: string, path: string): HttpRequest {
  return { method, path, query: new URLSearchParams(), headers: {}, body: 'sent' };
}
