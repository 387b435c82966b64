const TOKEN =
  /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[(?<cdata>[^]*?)\]\]>|<(?<close>\/?)(?<name>[^\s<>/!?]+)(?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/?)>|(?<text>[^<]+)/y;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** A text as it is written between two tags, or between quotes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** Longest answer that is read, in characters: that to a login has some thousand, and a pattern's stack has an end. */
const MAX_LENGTH = 1024 * 1024;

interface OpenElement {
  readonly name: string;
  text: string;
  hasElements: boolean;
}

/**
 * The texts of all elements that hold nothing but text, by their names without prefix; the first one of a name. That is
 * all that one needs of a SOAP message, whose elements each have a name of their own.
 *
 * @returns `undefined` when it is no XML or is too long. A document type, which can make a reader work without end,
 * counts as no XML.
 */
export function textsIn(xml: string): ReadonlyMap<string, string> | undefined {
  if (xml.length > MAX_LENGTH) return undefined;
  const texts = new Map<string, string>();
  const open: OpenElement[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < xml.length) {
    const groups = TOKEN.exec(xml)?.groups;
    if (groups === undefined) {
      TOKEN.lastIndex = 0;
      return undefined;
    }
    const { cdata, text, name, close, empty } = groups;
    const parent = open.at(-1);
    if (name === undefined) {
      if (parent) parent.text += cdata ?? decoded(text ?? '');
    } else if (close === '/') {
      if (parent?.name !== name) return undefined;
      open.pop();
      keep(texts, parent);
    } else {
      if (parent) parent.hasElements = true;
      const element = { name, text: '', hasElements: false };
      if (empty === '/') keep(texts, element);
      else open.push(element);
    }
  }
  return open.length === 0 && texts.size > 0 ? texts : undefined;
}

function keep(texts: Map<string, string>, { name, text, hasElements }: OpenElement): void {
  const localName = name.slice(name.indexOf(':') + 1);
  if (!hasElements && !texts.has(localName)) texts.set(localName, text);
}

function decoded(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name = '') => {
      const code = hex === undefined ? Number(decimal ?? NaN) : parseInt(hex, 16);
      if (Number.isNaN(code)) return ENTITIES.get(name as string) ?? whole;
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
