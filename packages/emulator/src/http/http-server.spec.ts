import { expect } from 'chai';
import { HttpServer } from './http-server.js';
import type { HttpAnswer } from './route.js';

describe('The HTTP server', () => {
  const endless: unknown[] = [];
  endless.push(endless);
  const unsendable: readonly (readonly [string, () => HttpAnswer, number | 'cut'])[] = [
    ['cannot be made into JSON', () => ({ type: 'json', status: 200, body: endless }), 500],
    [
      'has a header that cannot be sent',
      () => ({ type: 'text', status: 200, body: '', headers: { location: '\n' } }),
      500,
    ],
    [
      'throws what has no text',
      () => {
        throw Object.create(null);
      },
      'cut',
    ],
  ];

  for (const [what, handle, expected] of unsendable) {
    it(`rejects nothing and serves the next request, when an answer ${what}`, async () => {
      const server = new HttpServer(undefined, Date.now);
      const url = await server.listen(0);
      server.route([
        { method: 'GET', path: '/bad', handle },
        { method: 'GET', path: '/good', handle: () => ({ type: 'text', status: 200, body: 'good' }) },
      ]);
      try {
        const status = await fetch(`${url}/bad`).then(
          (answer) => answer.status,
          () => 'cut',
        );
        expect(status).to.equal(expected);
        expect(await (await fetch(`${url}/good`)).text()).to.equal('good');
      } finally {
        await server.close();
      }
    });
  }
});
