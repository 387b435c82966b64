import { expect } from 'chai';
import { API_VERSIONS, isApiVersion } from './api-versions.js';

describe('API_VERSIONS', () => {
  it('have the names of their seasons, three a year', () => {
    const labels = new Map(API_VERSIONS.map(({ version, label }) => [version, label]));
    expect(labels.get('31.0')).to.equal("Summer '14");
    expect(labels.get('40.0')).to.equal("Summer '17");
    expect(labels.get('50.0')).to.equal("Winter '21");
    expect(labels.get('60.0')).to.equal("Spring '24");
    expect(labels.get('64.0')).to.equal("Summer '25");
  });

  it('are known with a v in paths, and no others', () => {
    expect(['v40.0', 'v64.0'].every(isApiVersion)).to.be.true;
    expect(['v64', '64.0', 'v30.0', 'v64.1', 'v1000.0', ''].some(isApiVersion)).to.be.false;
  });
});
