// SPDX-License-Identifier: MIT
// fibonacci: a Fibonacci number, the slow way, to keep the processor busy. {"n": 20},
// or a body that is n alone, from 0 to 45. Answer: the number.
const MOST = 45;

function fib(n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

function main({ n, __ow_body = '' }) {
    const text = String(n ?? __ow_body).trim();
    const v = /^[+-]?\d+$/.test(text) ? Number(text) : -1;
    if (v < 0 || v > MOST)
        return { statusCode: 400, body: `fib: send a whole number from 0 to ${MOST}\n` };
    return { body: String(fib(v)) };
}
