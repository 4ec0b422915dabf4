// SPDX-License-Identifier: MIT
// js-random-load: chance is refused while the script loads
const id = Math.random();

function main() {
    return id;
}
