import { renderMarbleDiagram } from '@swirly/renderer-node';
import type { Diagram, Message, Row } from './marble.js';

/** What the renderer takes: its own types are not published. */
interface Specification {
  readonly content: readonly (StreamSpecification | OperatorSpecification)[];
  readonly styles: Readonly<Record<string, string | number>>;
}

interface StreamSpecification {
  readonly kind: 'S';
  readonly title: string;
  readonly frame: number;
  readonly duration: number;
  readonly messages: readonly {
    readonly frame: number;
    readonly notification: Notification;
    readonly styles?: Readonly<Record<string, string>>;
  }[];
  readonly styles?: Readonly<Record<string, string>>;
}

type Notification = { readonly kind: 'N'; readonly value: string } | { readonly kind: 'E' | 'C' };

interface OperatorSpecification {
  readonly kind: 'O';
  readonly title: readonly { readonly type: 'text'; readonly value: string }[];
}

const render = renderMarbleDiagram as (specification: Specification) => { readonly xml: string };

const MONOSPACE = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
const CALL_FONT_SIZE = 16;
const TITLE_WIDTH = 78;
const FRAME_WIDTH = { least: 26, most: 90 };

/** The stream that says what is settled when. */
const SETTLED = 'settled';
/** A grey and a green that can be seen on white and on black alike. What has text in it is filled, on any page. */
const LINE = '#7d8590';
const SETTLED_LINE = '#2c974b';
const TITLE_FILLS = { [SETTLED]: '#c5efcf', other: '#e6e9ed' };

/** Without a background; smaller than the renderer's own. */
const STYLES = {
  canvas_padding: 16,
  background_color: '',
  stream_spacing: 8,
  stream_title_width: TITLE_WIDTH,
  stream_title_font_size: 14,
  stream_title_color: '#1f2328',
  event_radius: 14,
  event_value_font_size: 15,
  event_stroke_width: 1.5,
  event_stroke_color: LINE,
  stacking_height: 30,
  completion_height: 44,
  completion_stroke_color: LINE,
  error_size: 22,
  error_color: LINE,
  arrow_stroke_width: 1.5,
  arrow_stroke_color: LINE,
  operator_height: 40,
  operator_spacing: 2,
  operator_corner_radius: 6,
  operator_fill_color: '#f6f8fa',
  operator_stroke_width: 1.5,
  operator_stroke_color: LINE,
  operator_title_font_family: MONOSPACE,
  operator_title_font_size: CALL_FONT_SIZE,
};

/** Draws a diagram as an SVG. The same diagram gives the same text, an element a line. */
export function drawDiagram({ rows }: Diagram): string {
  const duration = Math.max(...rows.flatMap(messagesIn).map(({ frame }) => frame), 1);
  const callWidth = Math.max(...rows.map(callLength)) * CALL_FONT_SIZE * 0.62 + 32;
  const fitting = (callWidth - TITLE_WIDTH) / duration;
  const content = rows.map((row) => specificationOf(row, duration));
  const { xml } = render({
    content,
    styles: {
      ...STYLES,
      frame_width: Math.round(Math.min(Math.max(fitting, FRAME_WIDTH.least), FRAME_WIDTH.most)),
      minimum_width: Math.round(callWidth),
    },
  });
  return `${labelled(portable(xml))}\n`;
}

/** Titles are on labels, as a text that is readable on white and on black is on neither of them. */
function labelled(svg: string): string {
  return svg.replace(/<text x="0" (y="(\d+)".*)>(\w+)<\/text>/g, (text, rest: string, y: string, title: string) => {
    if (rest.includes('text-anchor')) return text;
    const fill = title === SETTLED ? TITLE_FILLS[SETTLED] : TITLE_FILLS.other;
    const width = TITLE_WIDTH - 14;
    const rect = `<rect x="0" y="${Number(y) - 11}" width="${width}" height="22" rx="11" fill="${fill}"/>`;
    return `${rect}\n<text x="${width / 2}" ${rest} text-anchor="middle">${title}</text>`;
  });
}

/** Text is centred in a way that all programs know, and numbers are as exact as can be seen. */
function portable(xml: string): string {
  return xml
    .replaceAll('><', '>\n<')
    .replaceAll('dominant-baseline="middle"', 'dy="0.35em"')
    .replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
}

function messagesIn(row: Row): readonly Message[] {
  return row.type === 'stream' ? row.messages : [];
}

function callLength(row: Row): number {
  return row.type === 'operator' ? row.call.length : 0;
}

function specificationOf(row: Row, duration: number): StreamSpecification | OperatorSpecification {
  if (row.type === 'operator') return { kind: 'O', title: [{ type: 'text', value: row.call }] };
  const isSettled = row.title === SETTLED;
  const messages = row.messages.map(({ frame, kind, value }) => ({
    frame,
    notification: kind === 'N' ? { kind, value } : { kind },
    ...(isSettled && { styles: { stroke_color: SETTLED_LINE } }),
  }));
  const styles = isSettled && { styles: { arrow_stroke_color: SETTLED_LINE } };
  return { kind: 'S', title: row.title, frame: 0, duration, messages, ...styles };
}
