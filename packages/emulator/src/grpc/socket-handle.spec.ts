import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import type { Socket } from 'node:net';
import { handleOf } from './socket-handle.js';

describe('handleOf', () => {
  const handle = { readStop: () => undefined, readStart: () => undefined };
  const socketWith = (fields: object) => ({ destroyed: false, ...fields }) as unknown as Socket;

  it('gives the part that reads', () => {
    expect(handleOf(socketWith({ _handle: handle }))).to.equal(handle);
  });

  it('gives nothing, when the socket is closed', () => {
    expect(handleOf(socketWith({ _handle: null }))).to.equal(undefined);
    expect(handleOf(socketWith({ destroyed: true }))).to.equal(undefined);
  });

  for (const fields of [{}, { _handle: {} }, { _handle: { readStop: handle.readStop } }]) {
    it(`throws a ConfigurationError with the version, when Node has ${JSON.stringify(Object.keys(fields))}`, () => {
      expect(() => handleOf(socketWith(fields))).to.throw(
        ConfigurationError,
        `needs _handle.readStop() and _handle.readStart() of Node's sockets, which Node ${process.versions.node} does not`,
      );
    });
  }
});
