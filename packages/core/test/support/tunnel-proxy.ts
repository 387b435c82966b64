import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'GRPC_PROXY', 'NO_PROXY', 'NO_GRPC_PROXY'].flatMap(
  (name) => [name, name.toLowerCase()],
);

/** A proxy that makes tunnels, as those of companies do. */
export interface TunnelProxy {
  readonly port: number;
  /** Where tunnels were asked to go, in order. */
  readonly targets: string[];
}

/** Runs a test with a proxy that makes tunnels for whoever has these credentials. */
export async function withProxy(
  { authorization, silent = false }: { readonly authorization?: string; readonly silent?: boolean },
  test: (proxy: TunnelProxy) => Promise<void>,
): Promise<void> {
  const targets: string[] = [];
  const expected = authorization && `Basic ${Buffer.from(authorization).toString('base64')}`;
  const server = createServer();
  server.on('connect', ({ url = '', headers }, socket) => {
    socket.on('error', () => undefined);
    if (silent) return;
    if (expected !== undefined && headers['proxy-authorization'] !== expected) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    targets.push(url);
    const { hostname: host, port } = new URL(`http://${url}`);
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  try {
    await test({ port: (server.address() as AddressInfo).port, targets });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Sets variables for the time of a test; those about proxies that it does not name are unset. */
export async function withEnvironment(variables: Record<string, string>, test: () => Promise<void>): Promise<void> {
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  VARIABLES.forEach((name) => Reflect.deleteProperty(process.env, name));
  Object.assign(process.env, variables);
  try {
    await test();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}
