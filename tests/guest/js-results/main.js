// SPDX-License-Identifier: MIT
// js-results: what main returns becomes the response, as OpenWhisk has it
function main({ __ow_body }) {
    const results = {
        text: 'hello',
        number: 42,
        object: { result: [1, 2] },
        array: [1, 'a'],
        web: { body: 'made', statusCode: 201, headers: { 'x-one': 'a', 'set-cookie': ['b=1', 'c=2'] } },
        json: { body: { a: 1 } },
        bytes: new Uint8Array([104, 105]),
        error: { error: 'no such sensor' },
        status: { error: { statusCode: 404, body: { why: 'gone' } } },
        bad: { statusCode: 1000 },
        nul: { headers: { 'x-one': 'a\0b' } },
        nulname: { headers: { 'x-one\0b': 'a' } },
        then: { body: 'late', get then() { throw new TypeError('no promise'); } },
    };
    return results[__ow_body];
}
