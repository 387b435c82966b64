import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { ConfigurationError } from '@rxforce/core';
import { expect } from 'chai';
import {
  kitRoutes,
  servePage,
  type Feed,
  type PageRoute,
  type PageServer,
  type PageServerOptions,
} from '../../src/page.js';
import { rawRequest } from '../support/raw-request.js';

const TOKEN = 'a-token-of-sixteen';
const OWN = { 'x-rxforce': '1' };

/** A promise at the hands of a test. */
function withResolvers() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((resolved) => (resolve = resolved));
  return { promise, resolve: () => resolve() };
}

describe('The server of pages', () => {
  const servers: PageServer[] = [];
  let posted: string[] = [];
  const feeds: (Feed & { isClosed?: boolean })[] = [];

  const routes: readonly PageRoute[] = [
    ...kitRoutes(),
    { method: 'GET', path: '/', handle: () => ({ type: 'text', contentType: 'text/html', body: '<p>page</p>' }) },
    { method: 'GET', path: '/livez', access: 'open', handle: () => ({ type: 'json', body: { ok: true } }) },
    {
      method: 'POST',
      path: '/api/*/do',
      handle: ({ body }, [what = '']) => {
        posted.push(`${what} ${body}`);
        return { type: 'json', status: 202, body: {} };
      },
    },
    {
      method: 'GET',
      path: '/broken',
      handle: () => {
        throw new Error('with a secret');
      },
    },
    {
      method: 'GET',
      path: '/events',
      handle: () => ({
        type: 'feed',
        everyMs: 1,
        open: () => {
          let count = 0;
          const feed: Feed & { isClosed?: boolean } = {
            next: () => ({ count: ++count }),
            close: () => (feed.isClosed = true),
          };
          feeds.push(feed);
          return feed;
        },
      }),
    },
  ];

  const serve = async (options: Partial<PageServerOptions> = {}) => {
    const server = await servePage({ routes, ...options });
    servers.push(server);
    return server.url;
  };

  afterEach(async () => {
    posted = [];
    feeds.length = 0;
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('serves pages and files, with headers that let nothing else be loaded and nothing be kept', async () => {
    const url = await serve();
    const page = await rawRequest(`${url}/`);
    expect(page).to.include({ status: 200, body: '<p>page</p>' });
    expect(page.headers['content-security-policy'])
      .to.include("default-src 'none'")
      .and.include("frame-ancestors 'none'");
    expect(page.headers).to.include({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    const preact = await rawRequest(`${url}/preact.js`);
    expect(preact.headers['content-type']).to.equal('text/javascript; charset=utf-8');
    expect(preact.body).to.include('export{');
    expect((await rawRequest(`${url}/`, { method: 'HEAD' })).body).to.equal('');
  });

  it('says 404, 405, 400 and 500, and nothing of an error of the code, when a request cannot be answered', async () => {
    const url = await serve();
    const statusOf = async (path: string, method = 'GET') =>
      (await rawRequest(url + path, { method, headers: OWN })).status;
    expect(await statusOf('/other')).to.equal(404);
    expect(await statusOf('/', 'POST')).to.equal(405);
    expect(await statusOf('//evil.example/')).to.equal(400);
    expect(await statusOf('/api/..%2f..%2fetc/do')).to.equal(405);
    const broken = await rawRequest(`${url}/broken`);
    expect(broken.status).to.equal(500);
    expect(broken.body).to.not.include('secret');
  });

  it('answers 421 to a foreign Host, but not where everybody may look', async () => {
    const url = await serve();
    const headers = { host: 'evil.example' };
    expect((await rawRequest(`${url}/`, { headers })).status).to.equal(421);
    expect((await rawRequest(`${url}/style.css`, { headers })).status).to.equal(421);
    expect((await rawRequest(`${url}/events`, { headers })).status).to.equal(421);
    expect((await rawRequest(`${url}/livez`, { headers })).status).to.equal(200);
    for (const host of ['localhost', 'localhost:1', '127.0.0.1:99', '[::1]:3']) {
      expect((await rawRequest(`${url}/`, { headers: { host } })).status, host).to.equal(200);
    }
    expect((await rawRequest(`${url}/`, { headers: { host: 'localhost.evil.example' } })).status).to.equal(421);
  });

  it('does a POST only with its header, and not for a page of another origin', async () => {
    const url = await serve();
    const post = async (headers: Record<string, string>) =>
      (await rawRequest(`${url}/api/a%20b/do`, { method: 'POST', headers, body: 'x' })).status;
    expect(await post({})).to.equal(403);
    expect(await post({ ...OWN, origin: 'https://evil.example' })).to.equal(403);
    expect(await post({ ...OWN, origin: 'null' })).to.equal(403);
    expect(await post({ ...OWN, 'sec-fetch-site': 'cross-site' })).to.equal(403);
    expect(posted).to.deep.equal([]);
    expect(await post({ ...OWN, origin: url, 'sec-fetch-site': 'same-origin' })).to.equal(202);
    expect(await post(OWN)).to.equal(202);
    expect(posted).to.deep.equal(['a b x', 'a b x']);
  });

  it('refuses a body that is too long', async () => {
    const url = await serve();
    const body = 'x'.repeat(64 * 1024 + 1);
    expect((await rawRequest(`${url}/api/a/do`, { method: 'POST', headers: OWN, body })).status).to.equal(400);
    expect(posted).to.deep.equal([]);
  });

  it('needs the token for all but what is open, when it has one: as a cookie or as a bearer', async () => {
    const url = await serve({ token: TOKEN });
    expect((await rawRequest(`${url}/`)).status).to.equal(401);
    expect((await rawRequest(`${url}/livez`)).status).to.equal(200);
    expect((await rawRequest(`${url}/login?token=wrong`)).status).to.equal(401);
    const login = await rawRequest(`${url}/login?token=${TOKEN}`);
    expect([login.status, login.headers.location]).to.deep.equal([303, '/']);
    const [cookie = ''] = login.headers['set-cookie'] ?? [];
    expect(cookie).to.include('HttpOnly').and.include('SameSite=Strict').and.not.include(TOKEN);
    const headers = { host: 'pod.example', cookie: `other=1; ${cookie.split(';')[0] ?? ''}` };
    expect((await rawRequest(`${url}/`, { headers })).status).to.equal(200);
    expect((await rawRequest(`${url}/`, { headers: { cookie: 'rxforce_page=x' } })).status).to.equal(401);
    expect((await rawRequest(`${url}/`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).to.equal(200);
    expect((await rawRequest(`${url}/`, { headers: { authorization: 'Bearer x' } })).status).to.equal(401);
    const post = { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, host: 'pod.example' } };
    expect((await rawRequest(`${url}/api/a/do`, post)).status).to.equal(403);
  });

  it('is not begun, when everybody could look, the token is short or the port is taken', async () => {
    const failure = (options: Partial<PageServerOptions>) =>
      servePage({ routes, ...options }).then(String, (error: unknown) => error);
    expect(await failure({ host: '0.0.0.0' })).to.be.instanceOf(ConfigurationError);
    expect(String(await failure({ token: 'short' }))).to.include('16 characters');
    const taken = Number(new URL(await serve()).port);
    expect(String(await failure({ port: taken })))
      .to.include(`Port ${taken}`)
      .and.include('EADDRINUSE');
  });

  it('serves what is open on all addresses, without a token', async () => {
    const url = await serve({ host: '0.0.0.0', routes: routes.filter(({ access }) => access === 'open') });
    expect((await rawRequest(`${url.replace('0.0.0.0', '127.0.0.1')}/livez`)).status).to.equal(200);
  });

  it('sends a feed turn by turn, opens none while nobody looks, and closes it when he leaves', async () => {
    const url = await serve();
    expect(feeds).to.have.length(0);
    const [response] = (await once(get(`${url}/events`, { agent: false }), 'response')) as [IncomingMessage];
    expect(response.headers['content-type']).to.equal('text/event-stream');
    let text = '';
    for await (const chunk of response as AsyncIterable<Buffer>) {
      text += chunk.toString();
      if (text.includes('{"count":3}')) break;
    }
    expect(text.startsWith('data: {"count":1}\n\ndata: {"count":2}\n\n')).to.equal(true);
    while (feeds[0]?.isClosed !== true) await new Promise((resolve) => setImmediate(resolve));
    expect(feeds).to.have.length(1);
  });

  it('answers HEAD as GET but for the body, and opens no feed for it', async () => {
    const url = await serve({ token: TOKEN });
    const headers = { authorization: `Bearer ${TOKEN}` };
    for (const path of ['/', '/preact.js', '/livez', `/login?token=${TOKEN}`, '/broken', '/other']) {
      const [got, head] = await Promise.all(
        ['GET', 'HEAD'].map((method) => rawRequest(url + path, { method, headers })),
      );
      expect(head, path).to.deep.include({ status: got?.status, body: '' });
      expect(head?.headers, path).to.deep.include({ ...got?.headers, date: head?.headers.date });
    }
    const feed = await rawRequest(`${url}/events`, { method: 'HEAD', headers });
    expect(feed).to.deep.include({ status: 200, body: '' });
    expect(feed.headers['content-type']).to.equal('text/event-stream');
    expect(feeds).to.have.length(0);
  });

  it('opens no feed for somebody who has left before it was ready', async () => {
    const { promise: ready, resolve: go } = withResolvers();
    const { promise: asked, resolve: isAsked } = withResolvers();
    const { promise: answered, resolve: isAnswered } = withResolvers();
    const late: PageRoute = {
      ...{ method: 'GET', path: '/late' },
      handle: async () => {
        isAsked();
        await ready;
        setImmediate(isAnswered);
        return { type: 'feed', everyMs: 1, open: () => (feeds.push({ next: () => 1 }), { next: () => 1 }) };
      },
    };
    const url = await serve({ routes: [late] });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /late HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await asked;
    socket.resetAndDestroy();
    // Another one, who comes later, has an answer: so the server knows that the first one is gone.
    for (let times = 0; times < 3; times++) await rawRequest(`${url}/other`);
    go();
    await answered;
    expect(feeds).to.have.length(0);
  });

  it('says which methods a path has, to all others', async () => {
    const url = await serve({ token: TOKEN });
    const headers = { ...OWN, authorization: `Bearer ${TOKEN}` };
    const allowed = async (path: string, method: string) => {
      const { status, headers: answered } = await rawRequest(url + path, { method, headers });
      return [status, answered.allow];
    };
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      for (const path of ['/', '/events', '/livez', `/login?token=${TOKEN}`]) {
        expect(await allowed(path, method), `${method} ${path}`).to.deep.equal([405, 'GET, HEAD']);
      }
    }
    expect(await allowed('/api/a/do', 'GET')).to.deep.equal([405, 'POST']);
    expect(await allowed('/api/a/do', 'HEAD')).to.deep.equal([405, 'POST']);
    expect(feeds).to.have.length(0);
  });

  it('closes, also while somebody looks who reads nothing', async () => {
    const url = await serve();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(socket, 'readable');
    await Promise.all(servers.splice(0).map((server) => server.close()));
    expect(feeds).to.have.length(1);
    socket.destroy();
  });
});
