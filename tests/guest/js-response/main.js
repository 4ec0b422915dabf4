// SPDX-License-Identifier: MIT
// js-response: a handler may answer with a Response
const used = new Response('used');
used.text();
const results = {
    text: () => new Response('made', { status: 201, headers: { 'X-One': 'a' } }),
    bytes: () => new Response(new Uint8Array([104, 0, 105])),
    typed: () => new Response(new Uint8Array([104, 105]), { headers: { 'Content-Type': 'image/png' } }),
    json: () => Response.json({ a: [1] }, { status: 404 }),
    empty: () => new Response(null, { status: 204 }),
    cookies: () => {
        const headers = new Headers({ 'set-cookie': 'b=1' });
        headers.append('set-cookie', 'c=2');
        headers.append('x-two', '1');
        headers.append('x-two', '2');
        return new Response('', { headers });
    },
    redirect: async () => Response.redirect('https://example.org/x', 307),
    sub: () => new (class Mine extends Response {})('sub'),
    headers: () => ({ body: 'old', headers: new Headers([['set-cookie', 'b=1'], ['set-cookie', 'c=2']]) }),
    failed: () => ({ error: new Response('gone', { status: 410 }) }),
    used: () => used,
    error: () => Response.error(),
};
export default (event) => results[event.text()]();
