/** A drain: the button that begins one, and how far it is. */
import { clock, count, html, Notice, postJson, useAction, useConfirm } from '/kit.js';

const QUESTION =
  'Drain this process? It reads nothing new, finishes the work under way and saves its positions. ' +
  'It cannot be taken back: somebody must start the process again.';

/** The button, where the page may drain the process and nobody has. */
export function DrainButton({ reading, settings }) {
  const [dialog, confirm] = useConfirm();
  const { notice, isBusy, run } = useAction();
  const isOpen = reading?.drain === null && reading.clients.every(({ state }) => state === 'open');
  if (!isOpen || settings.actions !== true || settings.drain !== true) return '';
  const begin = async () => {
    if (await confirm(QUESTION, 'Drain')) await run(() => postJson('/api/drain', {}), 'The drain has begun.');
  };
  return html`
    <div class="drain">
      <button class="small danger" disabled=${isBusy} onClick=${begin}>Drain…</button>
      <${Notice} notice=${notice} />
    </div>
    ${dialog}
  `;
}

/** What becomes of a drain, begun here or not. It is there from the start, so that screen readers notice it. */
export function Draining({ reading, isGone }) {
  const text = reading === undefined || isGone ? '' : textOf(reading);
  const isBad = reading?.drain?.state === 'failed' || reading?.drain?.left > 0;
  return html`<div role="status" class=${text === '' ? undefined : isBad ? 'banner' : 'banner calm'}>${text}</div>`;
}

/** Whether the process was told to end. */
export function isEnding({ drain, clients }) {
  return drain !== null || clients.some(({ state }) => state !== 'open');
}

function textOf(reading) {
  const { drain, clients, subscriptions } = reading;
  if (drain?.state === 'failed') return `The drain has failed: ${drain.reason}`;
  if (drain?.state === 'done') {
    const { endedAt, settled, left } = drain;
    const rest = left === 0 ? 'Nothing is left.' : `Not done or not saved: ${count(left)}. They come again.`;
    return `The process was drained at ${clock(endedAt)}. Settled meanwhile: ${count(settled)}. ${rest}`;
  }
  if (!isEnding(reading)) return '';
  const sum = (of) => subscriptions.reduce((all, { window }) => all + (window === null ? 0 : of(window)), 0);
  if (drain === null && clients.every(({ state }) => state === 'closed')) {
    return 'Nothing is read any more: the process has closed its clients.';
  }
  const inWork = count(sum(({ unsettled }) => unsettled));
  const unsaved = count(sum(({ uncommitted }) => uncommitted));
  return `The process is being drained: it reads nothing new. In work: ${inWork}. Done, but not saved: ${unsaved}.`;
}
