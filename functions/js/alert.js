// SPDX-License-Identifier: MIT
// alert: is a reading above 50? {"sensor": "75.5"}, or a body that is the number alone.
// Answer: yes or no.
const LIMIT = 50;

// As C's strtod(): blanks around it don't matter, and infinity is a number.
function number(text) {
    const word = String(text).trim();
    if (/^[+-]?inf(inity)?$/i.test(word))
        return word[0] === '-' ? -Infinity : Infinity;
    return word === '' ? NaN : Number(word);
}

function main({ sensor, __ow_body = '' }) {
    const v = number(sensor ?? __ow_body);
    if (isNaN(v))
        return { statusCode: 400, body: 'alert: send one number, e.g. 75.5\n' };
    return { body: v > LIMIT ? 'yes' : 'no' };
}
