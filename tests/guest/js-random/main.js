// SPDX-License-Identifier: MIT
// js-random: no two events get the same from chance
function main() {
    const bytes = crypto.getRandomValues(new Uint8Array(8));
    return [Math.random(), Math.random(), crypto.randomUUID(), bytes.join('-')].join(' ');
}
