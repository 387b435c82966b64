import { expect } from 'chai';
import { answer, type HttpRequest, type Route } from './route.js';

const routes: Route[] = [
  { method: 'GET', path: '/a', handle: () => ({ type: 'text', status: 200, body: 'got' }) },
  { method: 'GET', path: '/names/*', handle: ({ path }) => ({ type: 'text', status: 200, body: path }) },
  { method: 'POST', path: '/a', handle: ({ body }) => ({ type: 'json', status: 201, body }) },
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

  it('answers 404, when the path differs', () => {
    expect(answer(routes, request('GET', '/A'))).to.include({ status: 404 });
  });
});

function request(method: string, path: string): HttpRequest {
  return { method, path, query: new URLSearchParams(), headers: {}, body: 'sent' };
}
