import { servePage, type PageRoute, type PageServer } from '@rxforce/live-page/page';

/** A text of a terminal as a page. */
export interface TerminalPage extends PageServer {
  /** How high the text is, in pixels. */
  readonly height: number;
}

const LINE_PX = 20;
const MARGIN_PX = 14;
/** The names of the styles that the text has, by their codes in a terminal. */
const STYLES: Readonly<Record<string, string>> = { '1': 'bold', '31': 'red', '32': 'green', '33': 'yellow' };

const CSS = `
body { margin: 0; background: #14171a; color: #e6e9ec }
pre { margin: ${MARGIN_PX}px; font: 13px/${LINE_PX}px ui-monospace, monospace }
.bold { font-weight: 700 } .red { color: #ff8a80 } .green { color: #57c26f } .yellow { color: #e0b04a }
`;

/** Serves a text with its colours as a page, to be looked at by a browser. */
export async function terminalPage(text: string): Promise<TerminalPage> {
  const head = '<!doctype html><title>rxforce top</title><link rel="stylesheet" href="/t.css">';
  const html = `${head}<pre>${htmlOf(text)}</pre>`;
  const file = (path: string, contentType: string, body: string): PageRoute => {
    return { method: 'GET', path, handle: () => ({ type: 'text', contentType, body }) };
  };
  const routes = [file('/', 'text/html; charset=utf-8', html), file('/t.css', 'text/css', CSS)];
  const server = await servePage({ routes });
  return { ...server, height: text.split('\n').length * LINE_PX + 2 * MARGIN_PX };
}

/** Spans in place of the codes of a terminal. */
function htmlOf(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return escaped.replace(/\u001b\[(\d+)m/g, (_, code: string) => {
    const style = STYLES[code];
    return style === undefined ? '</span>' : `<span class="${style}">`;
  });
}
