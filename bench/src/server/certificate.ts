import { generate } from 'selfsigned';

/** A certificate for this machine, signed by itself, in PEM. */
export async function makeCertificate(): Promise<{ readonly private: string; readonly cert: string }> {
  return await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
}
