// SPDX-License-Identifier: MIT
// dhs: daily heat statistics, an average that grows by one value a day.
//
// A body "VALUE", or {"value": 24}: the average and the number of its days are the keys
// dhs/average and dhs/days. The average is written here; that there is one day more is
// an event for the function days, through the queue dhs-days. Both become true together.
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
    const average = Number(kv.get('dhs/average') ?? 0);
    const days = Number(kv.get('dhs/days') ?? 0);
    const text = shown(grown(average, days, value));
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
