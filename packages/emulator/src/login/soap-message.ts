import type { HttpAnswer } from '../http/route.js';

/** The partner API, or the enterprise API. */
export type SoapKind = 'u' | 'c';

const NAMESPACES: Readonly<Record<SoapKind, string>> = {
  u: 'partner.soap.sforce.com',
  c: 'enterprise.soap.sforce.com',
};

/** The answer of an operation. */
export function success(kind: SoapKind, body: string): HttpAnswer {
  return message(200, `xmlns="urn:${NAMESPACES[kind]}"`, body);
}

/** The refusal of an operation. */
export function fault(kind: SoapKind, code: string, text: string): HttpAnswer {
  const [safeCode, safeText] = [code, text].map(escaped);
  const detail =
    `<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>${safeCode}</sf:exceptionCode>` +
    `<sf:exceptionMessage>${safeText}</sf:exceptionMessage></sf:LoginFault>`;
  return message(
    500,
    `xmlns:sf="urn:fault.${NAMESPACES[kind]}"`,
    `<soapenv:Fault><faultcode>sf:${safeCode}</faultcode><faultstring>${safeCode}: ${safeText}</faultstring>` +
      `<detail>${detail}</detail></soapenv:Fault>`,
  );
}

/** The refusal of a message that is not valid. */
export function clientFault(text: string): HttpAnswer {
  const faultString = escaped(text);
  return message(
    500,
    '',
    `<soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>${faultString}</faultstring></soapenv:Fault>`,
  );
}

function message(status: number, namespace: string, body: string): HttpAnswer {
  return {
    type: 'text',
    status,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body:
      '<?xml version="1.0" encoding="UTF-8"?>' +
      `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ${namespace} ` +
      `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
