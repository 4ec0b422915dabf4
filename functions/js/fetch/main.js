// SPDX-License-Identifier: MIT
// fetch: ask another service and tell what it answered. The URL is the body, or else
// URL of the environment; function.yaml says which ones are allowed.
export default async (event) => {
    const url = event.text().trim() || env.URL;
    try {
        const r = await fetch(url, { headers: { accept: '*/*' }, signal: AbortSignal.timeout(2000) });
        return `${r.status}, ${(await r.bytes()).length} bytes of ${r.headers.get('content-type') ?? 'no type'}\n`;
    } catch (e) {
        return { statusCode: 502, body: `${e.message}\n`, headers: { 'content-type': 'text/plain' } };
    }
};
