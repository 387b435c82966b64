// Ends with 0 when /livez answers with 200. HEALTH_URL names another address than the one of the image.
const url = process.env.HEALTH_URL ?? 'http://127.0.0.1:8080/livez';
const { ok } = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => ({ ok: false }));
process.exitCode = ok ? 0 : 1;
