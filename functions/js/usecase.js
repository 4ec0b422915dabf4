// SPDX-License-Identifier: MIT
// usecase: which readings of a sensor are worth an alert? {"readings": "99 101.5"}, or a
// body that is the readings, with blanks between them. Answer, for each of them: the
// reading when it is above 100, otherwise no.
const THRESHOLD = 100;

function main({ readings, __ow_body = '' }) {
    const words = String(readings ?? __ow_body).trim().split(/\s+/);
    const values = words.map((word) => (word === '' ? NaN : Number(word)));
    if (values.some(isNaN))
        return { statusCode: 400, body: 'usecase: send numbers, e.g. 99 101.5\n' };
    return { body: words.map((word, i) => (values[i] > THRESHOLD ? word : 'no')).join(' ') };
}
