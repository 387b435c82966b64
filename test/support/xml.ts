import { createRequire } from 'node:module';
import { expect } from 'chai';

/** As much of an XML element as is looked at here. */
export interface XmlElement {
  readonly tagName: string;
  readonly textContent: string;
  readonly parentNode: XmlElement;
  getAttribute(name: string): string;
  getElementsByTagName(name: string): ArrayLike<XmlElement>;
}

type XmlParser = new (options: { errorHandler: Record<string, (message: string) => void> }) => {
  parseFromString(text: string, type: string): { readonly documentElement: XmlElement };
};

/** Not imported: its types would bring those of browsers into all files that are checked with this one. */
const { DOMParser } = createRequire(import.meta.url)('@xmldom/xmldom') as { DOMParser: XmlParser };

/** Reads an SVG, and fails where it is no well-formed XML. */
export function wellFormed(svg: string): XmlElement {
  const fail = (message: string) => {
    throw new Error(message);
  };
  const errorHandler = { warning: fail, error: fail, fatalError: fail };
  const element = new DOMParser({ errorHandler }).parseFromString(svg, 'image/svg+xml').documentElement;
  expect(element.tagName).to.equal('svg');
  return element;
}
