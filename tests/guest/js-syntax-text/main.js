// SPDX-License-Identifier: MIT
// js-syntax-text: text that is no JSON is told with the place in the script that read it
function read(text) {
    return JSON.parse(text);
}

function main({ __ow_body }) {
    return read(__ow_body);
}
