import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { wellFormed, type XmlElement } from './support/xml.js';

describe('The pictures', () => {
  const folder = fileURLToPath(new URL('../docs/operators/', import.meta.url));
  const pictures = readdirSync(folder).filter((name) => name.endsWith('.svg'));

  for (const name of pictures) {
    const svg = wellFormed(readFileSync(folder + name, 'utf8'));

    it(`say what is settled when (${name})`, () => {
      const titles = Array.from(svg.getElementsByTagName('text')).map(({ textContent }) => textContent);
      expect(titles).to.include('settled');
    });

    it(`can be read on white and on black (${name})`, () => {
      expect(Array.from(svg.getElementsByTagName('text')).filter((text) => contrastOf(text) < 4.5)).to.deep.equal([]);
      const lines = ['line', 'polyline', 'ellipse'].flatMap((tag) => Array.from(svg.getElementsByTagName(tag)));
      const strokes = [...new Set(lines.map((line) => line.getAttribute('stroke')))];
      expect(strokes).to.have.length.greaterThan(1);
      for (const page of ['#ffffff', '#1b1b1f', '#0d1117']) {
        expect(strokes.filter((stroke) => contrast(stroke, page) < 3)).to.deep.equal([]);
      }
    });

    it(`have no background of their own (${name})`, () => {
      const widths = Array.from(svg.getElementsByTagName('rect')).map((rect) => rect.getAttribute('width'));
      expect(widths).not.to.include(svg.getAttribute('width'));
    });
  }

  it('are of every operator with a diagram', () => expect(pictures.length).to.be.greaterThan(16));
});

/** How well a text stands out of the shape that it is in. */
function contrastOf(text: XmlElement): number {
  const shape = ['rect', 'ellipse'].flatMap((tag) => Array.from(text.parentNode.getElementsByTagName(tag)))[0];
  return contrast(text.getAttribute('fill'), shape?.getAttribute('fill') ?? text.getAttribute('fill'));
}

/** By WCAG 2: from 1, which nobody can read, to 21. */
function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const parts = rgbOf(color).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const [red = 0, green = 0, blue = 0] = parts;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function rgbOf(color: string): number[] {
  const [hue, saturation, lightness] = [...(/^hsl\((\d+), (\d+)%, (\d+)%\)$/.exec(color) ?? [])].slice(1).map(Number);
  if (hue !== undefined) return fromHsl(hue, saturation! / 100, lightness! / 100);
  const hex = { black: '#000000', white: '#ffffff' }[color] ?? color;
  if (!/^#[0-9a-f]{6}$/.test(hex)) throw new Error(`"${color}" is no colour that is known here.`);
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
}

function fromHsl(hue: number, saturation: number, lightness: number): number[] {
  const part = (offset: number) => {
    const sector = (offset + hue / 30) % 12;
    return (
      lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(sector - 3, 9 - sector, 1))
    );
  };
  return [part(0), part(8), part(4)];
}
