/** How the pages ask their server, and hear of it. */
import { useEffect, useRef, useState } from '/preact.js';

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
