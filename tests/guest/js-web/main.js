// SPDX-License-Identifier: MIT
// js-web: a web action answers as OpenWhisk's do, and is told what no answer can be
const png = { 'Content-Type': 'image/png' };
const thrown = (members) => Object.assign(new RangeError('too\nfar'), members);
const results = {
    base64: { body: 'aGVsbG8=', headers: png },
    padded: { body: 'aGVsbA==', headers: { 'content-type': 'application/octet-stream' } },
    plain: { body: 'no base64', headers: png },
    text: { body: 'aGVsbG8=', headers: { 'content-type': 'text/css' } },
    json: { body: 'true', headers: { 'content-type': 'application/vnd.x+json' } },
    charset: { body: 'aGVsbG8=', headers: { 'content-type': 'application/x-own; charset=utf-8' } },
    svg: { body: 'aGVsbG8=', headers: { 'content-type': 'image/svg+xml' } },
    bytes: { body: new Uint8Array([104, 105]), headers: png },
    none: { headers: { 'x-a': 1, 'x-b': undefined, 'x-c': null, 'x-d': true } },
    status: { statusCode: '302', headers: { location: '/x' } },
    name: { body: 'x', headers: { 'x y': 'a' } },
    value: { body: 'x', headers: { 'x-y': 'a\nb' } },
    large: { body: 'x', headers: { 'x-y': 'y'.repeat(20000) } },
    gone: { error: { statusCode: 404, body: { why: 'gone' }, headers: { 'x-a': 'b' } } },
    bare: { error: { statusCode: 403 } },
    words: { error: 'no \u00e9\u001b[2J\nat all' },
    object: { error: { code: 7 } },
    thrown: { error: thrown(), at: 5 },
    told: { error: thrown({ statusCode: 409 }) },
    long: { error: 'x'.repeat(5000) },
};
function main({ __ow_body }) {
    return results[__ow_body];
}
