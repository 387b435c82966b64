import sax, { type SAXOptions } from 'sax';

/** Longest message that is read, in characters: a login has a few hundred. */
const MAX_LENGTH = 1024 * 1024;

/** The five entities of XML itself, not those of HTML. The library has this option; its types do not name it. */
const OPTIONS: SAXOptions & { readonly strictEntities: boolean } = { strictEntities: true };

/** An element that is open. */
interface OpenElement {
  readonly name: string;
  text: string;
  hasElements: boolean;
}

/**
 * The texts of a message's elements with only text or no content, by their names without prefix; the first element of a
 * name counts. The time depends only on the length of the message.
 *
 * @returns `undefined` when it is not XML, is too long, or has a document type. SOAP forbids document types, which can
 * make a reader work without end.
 */
export function textsOf(xml: string): ReadonlyMap<string, string> | undefined {
  if (xml.length > MAX_LENGTH) return undefined;
  const reader = sax.parser(true, OPTIONS);
  const texts = new Map<string, string>();
  const open: OpenElement[] = [];
  reader.onopentag = ({ name }) => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.hasElements = true;
    open.push({ name, text: '', hasElements: false });
  };
  reader.ontext = reader.oncdata = (text) => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += text;
  };
  reader.onclosetag = () => keep(texts, open.pop());
  reader.ondoctype = () => {
    throw new Error('A SOAP message has no document type.');
  };
  reader.onerror = (error) => {
    throw error;
  };
  try {
    reader.write(xml).close();
    return texts.size > 0 ? texts : undefined;
  } catch {
    return undefined;
  }
}

function keep(texts: Map<string, string>, element: OpenElement | undefined): void {
  if (element === undefined || element.hasElements) return;
  const localName = element.name.slice(element.name.indexOf(':') + 1);
  if (!texts.has(localName)) texts.set(localName, element.text);
}
