import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import { clientCredentials, createClient, jwtBearer, staticSession, type TlsOptions } from '@rxforce/core';
import { makeCertificate, type ServerCertificate } from '../../../emulator/src/net/certificate.js';
import { clientOf, withEmulator } from '../support/emulated.js';

const auth = staticSession({ accessToken: '00D!x', instanceUrl: 'https://acme.example' });
const { privateKey: rsaKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const RSA_PEM = rsaKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const open = (tls: unknown) => createClient({ auth, tls: tls as TlsOptions }).close();

describe('The option tls', () => {
  let one: ServerCertificate;
  let other: ServerCertificate;
  before(async () => {
    [one, other] = await Promise.all([makeCertificate(), makeCertificate()]);
  });

  it('takes the content of PEM files, as text, as bytes, and as an environment variable keeps it', () => {
    const { ca, certificate: cert, privateKey: key } = one;
    const forms = [String, Buffer.from, (text: string) => new TextEncoder().encode(text), escaped] as const;
    for (const form of forms) open({ ca: form(ca), cert: form(cert), key: form(key) });
    open({ ca: `# two of them\n${ca}\n${other.ca}` });
    const parameters = '-----BEGIN DH PARAMETERS-----\nMAYCAQUCAQI=\n-----END DH PARAMETERS-----';
    open({ ca: `${parameters}\n${ca}\n${key}`, cert: `${key}\n${cert}`, key: `${cert}\n${key}` });
    open({});
  });

  it('takes an encrypted key with its passphrase', () => {
    const { certificate: cert, privateKey } = one;
    const key = createPrivateKey(privateKey).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'p4ss',
    });
    open({ cert, key, passphrase: 'p4ss' });
    for (const passphrase of [undefined, '', 'wr0ng']) {
      expect(() => open({ cert, key, passphrase })).to.throw(/^tls\.key .*passphrase is missing or wrong/);
    }
  });

  it('connects with what an environment variable keeps of a certificate', () =>
    withEmulator(async (emulator) => {
      const client = clientOf(emulator, { tls: { ca: escaped(emulator.ca!) } });
      expect((await firstValueFrom(client.topic('Account'))).canSubscribe).to.equal(true);
      client.close();
    }));

  const mistakes: readonly (readonly [what: string, tls: () => unknown, advice: RegExp])[] = [
    ['a path in place of an object', () => '/etc/ca.pem', /^tls is a text, but must be an object/],
    ['bytes in place of an object', () => Buffer.from('x'), /^tls is bytes/],
    ['a name that is none', () => ({ cafile: 'x' }), /no option "tls.cafile"/],
    ...(['ca', 'cert'] as const).flatMap((name) =>
      (
        [
          ['a path', () => '/etc/ssl/certs/s3cret.pem'],
          ['an empty text', () => ''],
          ['garbage', () => 's3cret'],
          ['no bytes', () => Buffer.alloc(0)],
          ['an array', () => [one.ca]],
          ['null', () => null],
          ['a number', () => 5],
          ['a key', () => RSA_PEM],
          ['a certificate that is cut', () => one.ca.slice(0, 300)],
          ['a certificate that is broken', () => one.ca.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA')],
          [
            'a good certificate and a broken one',
            () => `${one.ca}${other.ca.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA')}`,
          ],
          ['a good certificate and a cut one', () => `${one.ca}${other.ca.slice(0, 300)}`],
          ['DER', () => Buffer.from(one.ca.replace(/-----.*-----|\n/g, ''), 'base64')],
        ] as const
      ).map(
        ([what, value]) =>
          [
            `${what} as ${name}`,
            () => ({ [name]: value(), ...(name === 'cert' && { key: one.privateKey }) }),
            new RegExp(
              `^tls\\.${name} must be a certificate in PEM.*not the path of a file.*readFileSync.*is not shown`,
            ),
          ] as const,
      ),
    ),
    ...(['/etc/s3cret.key', '', 's3cret', Buffer.alloc(0), 5] as const).map(
      (key) =>
        [
          `${inspect(key)} as key`,
          () => ({ key, cert: one.certificate }),
          /^tls\.key is not a private key in PEM.*not the path of a file.*readFileSync.*is not shown/,
        ] as const,
    ),
    ['a certificate as key', () => ({ key: one.certificate, cert: one.certificate }), /^tls\.key is not a private key/],
    ['a key alone', () => ({ key: one.privateKey }), /tls\.key is given, but tls\.cert is not/],
    ['a certificate alone', () => ({ cert: one.certificate }), /tls\.cert is given, but tls\.key is not/],
    [
      'the key of another certificate',
      () => ({ key: other.privateKey, cert: one.certificate }),
      /tls\.key does not belong to tls\.cert/,
    ],
  ];
  for (const [what, tls, advice] of mistakes) {
    it(`refuses ${what}, without showing it`, () => {
      const refusal = expect(() => open(tls()))
        .to.throw(advice)
        .and.include({ name: 'ConfigurationError' });
      refusal.with.property('message').not.match(/s3cret|\n/);
      expect(() => open(tls()))
        .to.throw()
        .and.not.have.property('cause');
    });
  }
});

describe('The PEM options of logins', () => {
  const app = { loginUrl: 'https://acme.example', clientId: 'id' };
  for (const ca of ['', '/etc/ca.pem', 'garbage', new Uint8Array(), RSA_PEM]) {
    it(`refuse ${inspect(ca).slice(0, 30)} as ca`, () =>
      expect(() => clientCredentials({ ...app, clientSecret: 's', ca })).to.throw(
        /^ca must be a certificate in PEM.*readFileSync/,
      ));
  }
  it('take a private key as text and as bytes', () => {
    for (const privateKey of [RSA_PEM, Buffer.from(RSA_PEM), escaped(RSA_PEM), rsaKey]) {
      jwtBearer({ ...app, username: 'ann', privateKey });
    }
  });
  for (const privateKey of ['/etc/s3cret.key', 's3cret', new Uint8Array()]) {
    it(`refuse ${inspect(privateKey)} as privateKey`, () =>
      expect(() => jwtBearer({ ...app, username: 'ann', privateKey }))
        .to.throw(/not a private RSA key in PEM.*(it is a path\. Give it as privateKeyPath|no PEM at all|it is empty)/)
        .with.property('message')
        .not.include('s3cret'));
  }
});

/** With line breaks as two characters, as environment files keep them. */
function escaped(pem: string): string {
  return pem.replaceAll('\n', '\\n');
}
