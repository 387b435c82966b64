/** What the pages of rxforce have in common: tabs, tables, questions, pictures; from other files, feeds and words. */
import { html, render, useEffect, useMemo, useRef, useState } from '/preact.js';
import { count } from '/words.js';

export { html, render, useEffect, useMemo, useRef, useState };
export { getJson, postJson, useFeed, useJson } from '/feed.js';
export { bytes, clock, count, duration } from '/words.js';

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
        ({ name, badge, badgeKind = '' }) => html`
          <button
            key=${name}
            role="tab"
            id=${`tab-${idOf(name)}`}
            aria-selected=${name === shown.name ? 'true' : 'false'}
            aria-controls="panel"
            tabindex=${name === shown.name ? 0 : -1}
            onClick=${() => choose(name)}
          >
            ${name}${badge ? html` <span class=${`badge ${badgeKind}`}>${badge}</span>` : ''}
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

/** Dialogs so far: each has a name of its own, as several may be on a page. */
let dialogs = 0;

/**
 * Asks before something is done.
 *
 * @returns The dialog for the page, and a function that resolves whether it may be done.
 */
export function useConfirm() {
  const [question, setQuestion] = useState();
  const [id] = useState(() => `question-${++dialogs}`);
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
    <dialog ref=${dialog} aria-labelledby=${id} onCancel=${cancelled}>
      <p id=${id}>${question?.text}</p>
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
