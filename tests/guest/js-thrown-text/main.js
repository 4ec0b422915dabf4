// SPDX-License-Identifier: MIT
// js-thrown-text: what is thrown need not be an Error
function main() {
    throw 'just a text';
}
