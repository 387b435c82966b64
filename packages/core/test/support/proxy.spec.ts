import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { startProxy, type Proxy } from './proxy.js';

/** One side of a connection, and what it has seen of it. */
class Side {
  text = '';
  sentChars = 0;
  state: 'open' | 'ended' | 'broken' = 'open';

  constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (this.text += text));
    socket.on('end', () => (this.state = 'ended'));
    socket.on('error', () => (this.state = 'broken'));
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** Sends a text piece by piece, and ends. */
  sendAll(text: string): void {
    const piece = text.slice(0, 65_536);
    if (piece === '') this.socket.end();
    else this.socket.write(piece, () => this.sendAll(text.slice(piece.length)));
    this.sentChars += piece.length;
  }

  /** Resolves when it has got a text. */
  got(text: string): Promise<void> {
    return until(() => this.text.includes(text));
  }
}

/** More bytes than the buffers of two connections hold. */
const MUCH = 50_000_000;
/** So many round trips are turns enough to pass all of that. */
const TRIPS = 2_000;

describe('A proxy', () => {
  let server: Server;
  let proxy: Proxy;
  let sides: Side[] = [];

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    proxy = await startProxy((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    await proxy.stop();
    sides.forEach(({ socket }) => socket.destroy());
    sides = [];
    await new Promise((resolve) => server.close(resolve));
  });

  /** A connection through the proxy, from both ends. */
  const connected = async () => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = new Side(connect({ port: proxy.port, host: 'localhost', allowHalfOpen: true }));
    const [socket] = await accepted;
    const pair = { client, remote: new Side(socket) };
    sides.push(pair.client, pair.remote);
    return pair;
  };

  /** The proxy goes on: it passes what others send meanwhile, one after the other. */
  const othersHaveTheirTurns = async () => {
    const { client, remote } = await connected();
    for (let trip = 0; trip < TRIPS; trip++) {
      client.send('.');
      await until(() => remote.text.length > trip);
    }
  };

  it('passes bytes both ways, and the ends, each by itself', async () => {
    const { client, remote } = await connected();
    expect(proxy.connections).to.equal(1);
    expect(proxy.endpoint).to.equal(`localhost:${proxy.port}`);
    client.send('question');
    await remote.got('question');
    client.socket.end();
    await until(() => remote.state === 'ended');
    remote.send('answer');
    await client.got('answer');
    remote.socket.end();
    await until(() => client.state === 'ended');
    await until(() => proxy.connections === 0);
    expect(proxy.vanishedBytes).to.equal(0);
  });

  it('takes no more than the reader does, and passes everything', async () => {
    const { client, remote } = await connected();
    remote.socket.pause();
    client.sendAll('x'.repeat(MUCH));
    await othersHaveTheirTurns();
    expect(client.sentChars).to.be.lessThan(MUCH);
    remote.socket.resume();
    await until(() => remote.state === 'ended');
    expect(remote.text).to.have.lengthOf(MUCH);
  });

  it('lets bytes vanish that wait for the reader', async () => {
    const { client, remote } = await connected();
    remote.socket.pause();
    client.sendAll('x'.repeat(MUCH));
    await othersHaveTheirTurns();
    proxy.dropBytes('toServer');
    await until(() => client.sentChars === MUCH);
    expect(proxy.vanishedBytes).to.be.greaterThan(0);
  });

  it('passes that a connection broke', async () => {
    const { client, remote } = await connected();
    remote.socket.resetAndDestroy();
    await until(() => client.state === 'broken');
    await until(() => proxy.connections === 0);
  });

  for (const [direction, far, near] of [
    ['toClient', 'remote', 'client'],
    ['toServer', 'client', 'remote'],
  ] as const) {
    it(`lets the bytes ${direction} vanish, and their end, and no others`, async () => {
      const pair = await connected();
      proxy.dropBytes(direction);
      pair[far].send('lost');
      await until(() => proxy.vanishedBytes === 'lost'.length);
      pair[near].send('passed');
      await pair[far].got('passed');
      pair[far].socket.end();
      pair[near].send('also');
      await pair[far].got('also');
      expect([pair[near].text, pair[near].state]).to.deep.equal(['', 'open']);
      proxy.pass();
      await until(() => pair[near].state === 'ended');
      expect(pair[near].text).to.equal('');
    });
  }

  it('lets all bytes vanish, and passes those after, when told so', async () => {
    const { client, remote } = await connected();
    proxy.dropBytes('both');
    client.send('lost');
    remote.send('lost');
    await until(() => proxy.vanishedBytes === 8);
    proxy.pass();
    client.send('question');
    remote.send('answer');
    await Promise.all([client.got('answer'), remote.got('question')]);
    expect([client.text, remote.text]).to.deep.equal(['answer', 'question']);
  });

  it('does not tell one side that the other broke, while bytes vanish', async () => {
    const { client, remote } = await connected();
    proxy.dropBytes('toServer');
    client.socket.resetAndDestroy();
    await until(() => proxy.connections === 0);
    remote.send('anybody there?');
    expect(remote.state).to.equal('open');
    proxy.pass();
    await until(() => remote.state === 'broken');
  });

  it('lets bytes vanish on connections open now, and on later ones only when told so', async () => {
    const before = await connected();
    proxy.dropBytes('toServer');
    const after = await connected();
    before.client.send('lost');
    after.client.send('passed');
    await after.remote.got('passed');
    await until(() => proxy.vanishedBytes === 4);
    expect(before.remote.text).to.equal('');
    proxy.dropBytes('toServer', { future: true });
    const later = await connected();
    later.client.send('lost');
    await until(() => proxy.vanishedBytes === 8);
    proxy.pass();
    const last = await connected();
    last.client.send('passed');
    await last.remote.got('passed');
  });

  it('breaks all connections, and takes new ones', async () => {
    const pairs = [await connected(), await connected()];
    expect(proxy.connections).to.equal(2);
    proxy.cut();
    for (const side of pairs.flatMap(({ client, remote }) => [client, remote]))
      await until(() => side.state !== 'open');
    expect(proxy.connections).to.equal(0);
    const { client, remote } = await connected();
    client.send('again');
    await remote.got('again');
  });

  it('breaks new connections while it refuses them, and no others', async () => {
    const before = await connected();
    proxy.refuse(true);
    const refused = new Side(connect({ port: proxy.port, host: 'localhost' }));
    await until(() => refused.state !== 'open');
    before.client.send('passed');
    await before.remote.got('passed');
    expect(proxy.connections).to.equal(1);
    proxy.refuse(false);
    const { client, remote } = await connected();
    client.send('passed');
    await remote.got('passed');
  });

  it('breaks a connection, when there is no server', async () => {
    const free = createServer().listen(0, 'localhost');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    const nowhere = await startProxy(port);
    const client = new Side(connect({ port: nowhere.port, host: 'localhost' }));
    await until(() => client.state !== 'open');
    await nowhere.stop();
  });

  it('listens no more, when it is stopped', async () => {
    const { client } = await connected();
    await proxy.stop();
    await until(() => client.state !== 'open');
    const late = new Side(connect({ port: proxy.port, host: 'localhost' }));
    await until(() => late.state === 'broken');
    proxy = await startProxy(1);
  });
});

/** Waits, turn by turn, until something is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}
