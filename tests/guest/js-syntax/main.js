// SPDX-License-Identifier: MIT
// js-syntax: a script with a syntax error is refused with file, line and column
function main() {
    return { body: };
}
