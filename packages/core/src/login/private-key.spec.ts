import { execFileSync } from 'node:child_process';
import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { ConfigurationError } from '../model/errors.js';
import { keySource } from './private-key.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pemOf = (key: KeyObject, passphrase?: string) =>
  key
    .export({
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase !== undefined && { cipher: 'aes-256-cbc', passphrase }),
    })
    .toString();
const PEM = pemOf(privateKey);
const ENCRYPTED = pemOf(privateKey, 'open sesame');
const PKCS1_PUBLIC = publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const PUBLIC = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const BODY = PEM.split('\n').slice(1, -2).join('');
const BASE64 = Buffer.from(PEM).toString('base64');
const JWK = JSON.stringify(privateKey.export({ format: 'jwk' }));

/** Nothing of a key may show, wherever an error is printed. */
const FRAGMENTS = [PEM, ENCRYPTED, PUBLIC, BASE64].flatMap((text) => [text.slice(60, 80), text.slice(-60, -40)]);

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    const shown = inspect(error, { depth: 9 });
    [...FRAGMENTS, 'open sesame', 'wr0ng'].forEach((secret) => expect(shown).not.to.include(secret));
    expect(error).to.be.instanceOf(ConfigurationError);
    return error as Error;
  }
  return expect.fail('It was taken.');
}

describe('keySource', () => {
  for (const [what, options] of [
    ['PEM', { privateKey: PEM }],
    ['PEM whose line breaks are written as two characters', { privateKey: PEM.replaceAll('\n', '\\n') }],
    ['a KeyObject', { privateKey }],
    ['bytes', { privateKey: Buffer.from(PEM) }],
    ['encrypted PEM with its passphrase', { privateKey: ENCRYPTED, privateKeyPassphrase: 'open sesame' }],
  ] as const) {
    it(`takes ${what}`, async () => {
      expect((await keySource(options)()).equals(privateKey)).to.equal(true);
    });
  }

  for (const [what, key, said] of [
    ['an empty text', '', /needs privateKey, which is empty/],
    ['white space', ' \n', /it is empty\. Check that the file, variable or setting/],
    ['garbage', 'wr0ng', /no PEM at all/],
    ['a path', './keys/server.pem', /it is a path\. Give it as privateKeyPath/],
    ['an absolute path', '/run/secrets/salesforce', /it is a path/],
    ['a path of Windows', 'C:\\keys\\server.key', /it is a path/],
    ['the name of a file', 'server.key', /it is a path/],
    ['a public key', PUBLIC, /a public key or a certificate\. .* give the private key/],
    ['a public key of PKCS #1', PKCS1_PUBLIC, /a public key or a certificate/],
    ['a public KeyObject', publicKey, /a public key or a certificate/],
    ['a secret KeyObject', createSecretKey(Buffer.from('wr0ng')), /it is a secret key/],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', /a public key or a certificate/],
    ['an encrypted key without its passphrase', ENCRYPTED, /encrypted, and there is no passphrase\. Give privateKeyP/],
    ['a key of OpenSSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl', /ssh-keygen -p -m PEM/],
    ['a key of another kind', ec, /of the kind "ec"\. Salesforce takes RSA keys only/],
    ['PEM without its end', PEM.slice(0, 400), /a part is missing, or its line breaks/],
    ['PEM without line breaks', PEM.replaceAll('\n', ''), /a part is missing, or its line breaks/],
    ['PEM in base64', BASE64, /base64 of one\. Decode it/],
    ['JSON', JWK, /it is JSON/],
    ['bytes of garbage', Buffer.from('wr0ng'), /no PEM at all/],
    ['a number', 5, /it is a number/],
    ['null', null, /it is null/],
  ] as const) {
    it(`says what it is and what to do, and shows nothing of it, when it is given ${what}`, () => {
      expect(errorOf(() => keySource({ privateKey: key as string })).message).to.match(said);
    });
  }

  it('says that the passphrase is wrong', () => {
    const options = { privateKey: ENCRYPTED, privateKeyPassphrase: 'wr0ng' };
    expect(errorOf(() => keySource(options)).message).to.include('privateKeyPassphrase is not its passphrase');
  });

  for (const [what, key] of [
    ['PEM', PEM],
    ['encrypted PEM', ENCRYPTED],
    ['PEM without line breaks', PEM.replaceAll('\n', ' ')],
    ['PEM with written line breaks', PEM.replaceAll('\n', '\\n')],
    ['the inside of PEM', BODY],
    ['PEM in base64', BASE64],
    ['JSON', JWK],
  ] as const) {
    it(`says that it is a key, and shows nothing of it, when privateKeyPath is ${what}`, () => {
      const error = errorOf(() => keySource({ privateKeyPath: key }));
      expect(error.message).to.include('privateKeyPath is a key').and.include('as privateKey');
    });
  }

  describe('with a file', () => {
    let folder = '';
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rxforce-key-'))));
    afterEach(() => rmSync(folder, { recursive: true }));
    const fileWith = (text: string) => {
      const path = join(folder, 'server.pem');
      writeFileSync(path, text);
      return path;
    };

    it('gives its key', async () => {
      expect((await keySource({ privateKeyPath: fileWith(PEM) })()).equals(privateKey)).to.equal(true);
    });

    for (const [what, text, said] of [
      ['is empty', '', /it is empty/],
      ['has garbage', 'wr0ng', /no PEM at all/],
      ['has a public key', PUBLIC, /a public key/],
      ['has an encrypted key', ENCRYPTED, /it is encrypted/],
    ] as const) {
      it(`says at once what is wrong, and with which file, when it ${what}`, () => {
        const path = fileWith(text);
        expect(errorOf(() => keySource({ privateKeyPath: path })).message)
          .to.match(said)
          .and.include(`the file ${path}`);
      });
    }

    it('waits for the login, when there is no file yet; says then that it cannot be read', async () => {
      const path = join(folder, 'server.pem');
      const key = keySource({ privateKeyPath: path });
      const error = await key().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ConfigurationError).and.have.property('message').that.includes(`${path} (ENOENT)`);
      fileWith(PEM);
      expect((await key()).equals(privateKey)).to.equal(true);
    });

    it('is left to the login, when it is a pipe, which gives what it has once', async () => {
      const path = join(folder, 'pipe');
      execFileSync('mkfifo', [path]);
      const key = keySource({ privateKeyPath: path });
      const [read] = await Promise.all([key(), writeFile(path, PEM)]);
      expect(read.equals(privateKey)).to.equal(true);
    });

    it('does not show a path that is too long for one', async () => {
      const path = `./${'wr0ng.'.repeat(200)}`;
      const error = await keySource({ privateKeyPath: path })().catch((thrown: unknown) => thrown);
      expect(
        errorOf(() => {
          throw error;
        }).message,
      ).to.include('a path of 1202 characters');
    });
  });
});
