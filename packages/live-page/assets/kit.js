/** What the pages of rxforce have in common: feeds, actions, tabs, tables, and the words for times and numbers. */
import { html, render, useEffect, useMemo, useRef, useState } from '/preact.js';

export { html, render, useEffect, useMemo, useRef, useState };

/** Without anything new for so long, the process counts as gone. */
const SILENT_MS = 3_000;
const TRY_AGAIN_MS = 1_000;

/**
 * Hears a feed of the server for as long as the component is there and somebody can see it, and connects again when it
 * breaks. Browsers have few connections to a server, which tabs that nobody sees must not use up.
 *
 * @returns Since when nothing comes, in epoch milliseconds; `undefined` while it does.
 */
export function useFeed(url, onData) {
  const [goneSince, setGone] = useState();
  const latest = useRef(onData);
  latest.current = onData;
  useEffect(() => {
    if (url === undefined) return undefined;
    let source;
    let again;
    let heardAt = Date.now();
    const open = () => {
      source = new EventSource(url);
      source.onmessage = ({ data }) => {
        heardAt = Date.now();
        setGone(undefined);
        latest.current(JSON.parse(data));
      };
      source.onerror = () => {
        source.close();
        setGone((since) => since ?? heardAt);
        again = setTimeout(open, TRY_AGAIN_MS);
      };
    };
    const leave = () => {
      source?.close();
      clearTimeout(again);
    };
    const seen = () => {
      leave();
      if (document.hidden) return;
      heardAt = Date.now();
      open();
    };
    seen();
    document.addEventListener('visibilitychange', seen);
    const watch = setInterval(() => {
      if (!document.hidden && Date.now() - heardAt > SILENT_MS) setGone((since) => since ?? heardAt);
    }, 1_000);
    return () => {
      leave();
      clearInterval(watch);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [url]);
  return goneSince;
}

/** Reads JSON from the server. Rejects with the words of the server where it refuses. */
export async function getJson(path) {
  return bodyOf(await fetch(path));
}

/** Changes something. Rejects with the words of the server where it refuses. */
export async function postJson(path, body) {
  const headers = { 'content-type': 'application/json', 'x-rxforce': '1' };
  return bodyOf(await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function bodyOf(response) {
  const body = await response.json().catch(() => undefined);
  if (response.ok) return body;
  throw new Error(body?.error ?? `The server said ${response.status}.`);
}

/** Reads JSON again whenever something of `inputs` changes. */
export function useJson(path, inputs) {
  const [result, setResult] = useState({});
  useEffect(() => {
    let isWanted = true;
    getJson(path).then(
      (value) => isWanted && setResult({ value }),
      (error) => isWanted && setResult({ error: error.message }),
    );
    return () => {
      isWanted = false;
    };
  }, [path, ...inputs]);
  return result;
}

/** Tabs, one of which is shown. The address keeps which. */
export function Tabs({ tabs }) {
  const names = tabs.map(({ name }) => name);
  const wanted = () => names.find((name) => `#${idOf(name)}` === location.hash) ?? names[0];
  const [active, setActive] = useState(wanted());
  useEffect(() => {
    const changed = () => setActive(wanted());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, [names.join()]);
  const choose = (name) => {
    history.replaceState(undefined, '', `#${idOf(name)}`);
    setActive(name);
  };
  const onKeyDown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = names[(names.indexOf(active) + step + names.length) % names.length];
    choose(next);
    document.getElementById(`tab-${idOf(next)}`)?.focus();
  };
  const shown = tabs.find(({ name }) => name === active) ?? tabs[0];
  return html`
    <div role="tablist" aria-label="What is shown" onKeyDown=${onKeyDown}>
      ${tabs.map(
        ({ name, badge }) => html`
          <button
            key=${name}
            role="tab"
            id=${`tab-${idOf(name)}`}
            aria-selected=${name === shown.name ? 'true' : 'false'}
            aria-controls="panel"
            tabindex=${name === shown.name ? 0 : -1}
            onClick=${() => choose(name)}
          >
            ${name}${badge ? html` <span class="badge">${badge}</span>` : ''}
          </button>
        `,
      )}
    </div>
    <main role="tabpanel" id="panel" aria-labelledby=${`tab-${idOf(shown.name)}`} tabindex="-1">${shown.panel()}</main>
  `;
}

function idOf(name) {
  return name.toLowerCase().replace(/\W+/g, '-');
}

/**
 * A table, whose rows are cards on a narrow screen.
 *
 * @param columns - Each with `head`, `cell(row)`, and `kind` (`number` or `wide`) where it is one.
 */
export function Table({ caption, columns, rows, keyOf, classOf = () => undefined }) {
  return html`
    <table>
      <caption class="for-readers">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(({ head, kind }) => html`<th scope="col" class=${kind}>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`
            <tr key=${keyOf(row)} class=${classOf(row)}>
              ${columns.map(({ head, cell, kind, isHead }) =>
                isHead
                  ? html`<th scope="row" class=${kind} data-label=${head}>${cell(row)}</th>`
                  : html`<td class=${kind} data-label=${head}>${cell(row)}</td>`,
              )}
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

/**
 * Asks before something is done.
 *
 * @returns The dialog for the page, and a function that resolves whether it may be done.
 */
export function useConfirm() {
  const [question, setQuestion] = useState();
  const dialog = useRef();
  useEffect(() => {
    if (question && !dialog.current.open) dialog.current.showModal();
  }, [question]);
  const answer = (isYes) => {
    dialog.current.close();
    question.resolve(isYes);
    setQuestion(undefined);
  };
  const cancelled = (event) => {
    event.preventDefault();
    answer(false);
  };
  const element = html`
    <dialog ref=${dialog} aria-labelledby="question" onCancel=${cancelled}>
      <p id="question">${question?.text}</p>
      <p class="buttons">
        <button autofocus onClick=${() => answer(false)}>Cancel</button>
        <button class="danger" onClick=${() => answer(true)}>${question?.label}</button>
      </p>
    </dialog>
  `;
  return [element, (text, label) => new Promise((resolve) => setQuestion({ text, label, resolve }))];
}

/** What became of an action, in words. */
export function Notice({ notice }) {
  return html`<p role="status" class=${notice?.isError ? 'notice bad' : 'notice'}>${notice?.text}</p>`;
}

/** Runs actions one at a time, and says what became of them. */
export function useAction() {
  const [notice, setNotice] = useState();
  const [isBusy, setBusy] = useState(false);
  const run = async (work, done) => {
    setBusy(true);
    try {
      const result = await work();
      setNotice({ text: typeof done === 'function' ? done(result) : done });
    } catch (error) {
      setNotice({ text: error.message, isError: true });
    } finally {
      setBusy(false);
    }
  };
  return { notice, isBusy, run };
}

/** Small bars, one for each second: what came, and what of it is done. */
export function Sparkline({ received, settled }) {
  const most = Math.max(1, ...received, ...settled);
  const width = received.length * 2;
  const line = (counts) =>
    counts.map((count, index) => `${index * 2},${(22 - (count / most) * 20).toFixed(1)}`).join(' ');
  return html`
    <svg
      class="spark"
      viewBox="0 0 ${width} 24"
      role="img"
      aria-label="The last minute: ${count(most)} a second at most"
    >
      <polyline class="received" points=${line(received)} />
      <polyline class="settled" points=${line(settled)} />
    </svg>
  `;
}

/** A bar of parts, each with its share. */
export function Bar({ parts, size, label }) {
  let at = 0;
  return html`
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=${label}>
      ${parts.map(({ kind, value }) => {
        const width = size === 0 ? 0 : (value / size) * 100;
        const part = html`<rect class=${kind} x=${at} y="0" width=${width} height="8" />`;
        at += width;
        return part;
      })}
    </svg>
  `;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** A time in words: `4 min`, `3 s`, `20 ms`. */
export function duration(ms) {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const [unit, size] = UNITS.find(([, each]) => ms >= each);
  const value = ms / size;
  return `${value < 10 && unit !== 's' ? value.toFixed(1).replace(/\.0$/, '') : Math.floor(value)} ${unit}`;
}

/** A number with its thousands apart. */
export function count(value) {
  return new Intl.NumberFormat('en').format(value);
}

/** The time of day of a moment, with its date where that is another day. */
export function clock(at) {
  const moment = new Date(at);
  const time = moment.toLocaleTimeString('en-GB');
  return moment.toDateString() === new Date().toDateString() ? time : `${moment.toISOString().slice(0, 10)} ${time}`;
}

/** A length in bytes, in words. */
export function bytes(length) {
  return length < 1_024 ? `${length} B` : `${(length / 1_024).toFixed(1)} kB`;
}
