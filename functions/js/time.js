// SPDX-License-Identifier: MIT
// time: how long an event took to get here. {"sent": "1700000000000000000"}, or a body
// that is when it was sent, in nanoseconds since 1970. Answer: now minus that, in
// nanoseconds; the language's clock has milliseconds.
const MOST = 2n ** 63n;

function main({ sent, __ow_body = '' }) {
    const text = String(sent ?? __ow_body).trim();
    if (!/^\d+$/.test(text) || BigInt(text) >= MOST)
        return {
            statusCode: 400,
            body: 'time: send nanoseconds since 1970, e.g. the output of: date +%s%N\n',
        };
    return { body: String(BigInt(Date.now()) * 1_000_000n - BigInt(text)) };
}
