// SPDX-License-Identifier: MIT
// fdc: a counter that travels with the events. {"counter": 41}, or a body that is the
// counter alone, empty for 0. Answer: the counter plus 1.
const MOST = 2n ** 63n - 1n;

function main({ counter, __ow_body = '' }) {
    const text = String(counter ?? __ow_body).trim() || '0';
    const n = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : MOST;
    if (n >= MOST || n < -MOST - 1n)
        return { statusCode: 400, body: 'fdc: send a whole number of 64 bits\n' };
    return { body: String(n + 1n) };
}
