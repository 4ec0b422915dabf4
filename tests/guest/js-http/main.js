// SPDX-License-Identifier: MIT
// js-http: requests and responses are made and read
// With tests/guest/check.js before it.
async function fails(what, wanted, promise) {
    await promise.then(() => bad.push(`${what}: was not refused`), (e) => is(what, `${e.name}: ${e.message}`, wanted));
}
async function main() {
    const h = new Headers([['X-B', ' 1 '], ['x-a', '2'], ['x-b', '3'], ['Set-Cookie', 'a'], ['set-cookie', 'b']]);
    is('headers', JSON.stringify([...h]), '[["set-cookie","a"],["set-cookie","b"],["x-a","2"],["x-b","1, 3"]]');
    h.set('X-A', '4');
    h.delete('x-B');
    is('changed', [h.get('x-a'), h.get('x-b'), h.has('x-b'), h.getSetCookie().length].join(), '4,,false,2');
    refuses('a name', 'TypeError', () => h.set('a b', '1'));
    refuses('a value', 'TypeError', () => h.set('a', 'x\r\ny: z'));

    const q = new Request('http://A/b#c', { method: 'post', body: new URLSearchParams({ a: 'b' }), headers: { 'x-y': 'z' } });
    is('request', [q.method, q.url, q.headers.get('content-type'), q.headers.get('x-y')].join(), 'POST,http://a/b#c,application/x-www-form-urlencoded;charset=UTF-8,z');
    is('its copy', await q.clone().text() + await q.text() + q.bodyUsed, 'a=ba=btrue');
    refuses('used', 'TypeError', () => q.clone());
    refuses('GET with a body', 'TypeError', () => new Request('http://a', { body: 'x' }));
    refuses('TRACE', 'TypeError', () => new Request('http://a', { method: 'trace' }));
    refuses('a password', 'TypeError', () => new Request('http://a:b@c'));
    refuses('manual', 'TypeError', () => new Request('http://a', { redirect: 'manual' }));

    const r = Response.json({ a: [1] }, { status: 201 });
    is('response', [r.status, r.ok, r.headers.get('content-type'), (await r.json()).a[0]].join(), '201,true,application/json,1');
    is('bytes', new Uint8Array(await new Response(new Uint8Array([1, 2])).arrayBuffer()).join(), '1,2');
    is('no body', await new Response(null, { status: 204 }).text(), '');
    is('redirect', Response.redirect('http://a').headers.get('location'), 'http://a/');
    refuses('204', 'TypeError', () => new Response('x', { status: 204 }));
    refuses('99', 'RangeError', () => new Response('', { status: 99 }));

    await fails('nobody serves it', 'TypeError: fetch: http://a/: not available here: a daemon serves it, in an event', fetch('http://a'));
    await fails('ftp', 'TypeError: fetch: ftp://a/: only http: and https: can be asked', fetch('ftp://a'));
    await fails('no URL', 'TypeError: Invalid URL: /a', fetch('/a'));
    await fails('aborted', 'AbortError: the operation was aborted', fetch('http://a', { signal: AbortSignal.abort() }));
    return bad.join('; ') || 'ok';
}
