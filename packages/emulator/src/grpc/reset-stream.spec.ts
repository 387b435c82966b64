import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { constants } from 'node:http2';
import { resetStream } from './reset-stream.js';

describe('resetStream', () => {
  it('closes the HTTP/2 stream of the call with an error code', () => {
    const codes: unknown[] = [];
    resetStream({ call: { stream: { close: (code: number) => codes.push(code) } } });
    expect(codes).to.deep.equal([constants.NGHTTP2_INTERNAL_ERROR]);
  });

  for (const call of [{}, { call: {} }, { call: { stream: {} } }]) {
    it(`throws a ConfigurationError with the version of grpc-js that has it, when a call is ${JSON.stringify(call)}`, () => {
      expect(() => resetStream(call)).to.throw(
        ConfigurationError,
        /need the field call\.stream of grpc-js's calls, .* Install version 1\.14\./,
      );
    });
  }
});
