// SPDX-License-Identifier: MIT
// lights: what to do with the lights. {"dark": true}, or a body true or false.
// Answer: on or off.
function main({ dark, __ow_body = '' }) {
    switch (String(dark ?? __ow_body).trim()) {
    case 'true':
        return { body: 'on' };
    case 'false':
        return { body: 'off' };
    default:
        return { statusCode: 400, body: 'lights: send true or false\n' };
    }
}
