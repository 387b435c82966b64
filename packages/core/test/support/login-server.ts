import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Runs a test with a login endpoint that answers as the test says. */
export async function withLoginServer<T>(
  onRequest: RequestListener,
  test: (loginUrl: string) => Promise<T>,
): Promise<T> {
  const server = createServer(onRequest).listen(0, 'localhost');
  await once(server, 'listening');
  try {
    return await test(`http://localhost:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Answers with JSON. */
export function json(value: object, status = 200): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
}

/** Answers with a SOAP fault, as Salesforce does. */
export function soapFault(code: string, message: string): RequestListener {
  const xml =
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
    'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>' +
    `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: ${message}</faultstring><detail>` +
    `<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>${code}</sf:exceptionCode><sf:exceptionMessage>${message}` +
    '</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>';
  return (_request, response) => {
    response.writeHead(500, { 'content-type': 'text/xml; charset=utf-8' }).end(xml);
  };
}
