import { expect } from 'chai';
import { answer, type HttpRequest, type Route } from './route.js';

const routes: Route[] = [
  { method: 'GET', path: '/a', handle: () => ({ type: 'text', status: 200, body: 'got' }) },
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

  it('answers 404, when the path differs', () => {
    expect(answer(routes, request('GET', '/A'))).to.include({ status: 404 });
  });
});

function request(method: string, path: string): HttpRequest {
  return { method, path, query: new URLSearchParams(), headers: {}, body: 'sent' };
}
