// Serves what was built, and asks for it once.
import next from 'next';
import { once } from 'node:events';
import { createServer } from 'node:http';

const app = next({ dev: false });
await app.prepare();
const server = createServer(app.getRequestHandler()).listen(0, '127.0.0.1');
await once(server, 'listening');
const response = await fetch(`http://127.0.0.1:${server.address().port}/accounts`);
console.log(await response.text());
process.exit(response.ok ? 0 : 1);
