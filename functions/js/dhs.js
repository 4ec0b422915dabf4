// SPDX-License-Identifier: MIT
// dhs: daily heat statistics, an average that grows by one value a day.
//
// A body "VALUE", or {"value": 24}: the keys dhs/sum, dhs/days and dhs/average are of all
// values so far. An event reads and writes them in one transaction, so however many run at
// once, in whatever order, the average is that of all. With the keys an event for the
// function days is committed, through the queue dhs-days; what that one does is true later.
// Answer: the new average.
//
// A body "AVERAGE DAYS VALUE", e.g. "20 3 24": the same without any keys. Answer: the new
// average and the number of days it is of: "21 4".
const MOST_DAYS = 1e9;

// As C's %.12g.
function shown(v) {
    return v.toPrecision(12).replace(/(\.\d*?)0+(e|$)/, '$1$2').replace(/\.(e|$)/, '$1');
}

function grown(average, days, value) {
    return average + (value - average) / (days + 1);
}

function keep(value) {
    // Each digit of it is kept: rounded, the average would depend on the order.
    const sum = Number(kv.get('dhs/sum') ?? 0) + value;
    const text = shown(sum / kv.incr('dhs/days'));
    kv.set('dhs/sum', String(sum));
    kv.set('dhs/average', text);
    queue.push('dhs-days', '1');
    return text;
}

function main({ value, __ow_body = '' }) {
    const words = String(value ?? __ow_body).trim().split(/\s+/);
    const [average, days, last] = words.map((word) => (word === '' ? NaN : Number(word)));

    if (words.length === 1 && isFinite(average)) {
        try {
            return { body: keep(average) };
        } catch (e) {
            return { statusCode: 503, body: `dhs: ${e.message}\n` };
        }
    }
    const isDays = Number.isInteger(days) && days >= 0 && days <= MOST_DAYS;
    if (words.length !== 3 || !isFinite(average) || !isDays || !isFinite(last))
        return {
            statusCode: 400,
            body: 'dhs: send VALUE, or AVERAGE DAYS VALUE: one number or three, e.g. 24 or 20 3 24\n',
        };
    return { body: `${shown(grown(average, days, last))} ${days + 1}` };
}
