// SPDX-License-Identifier: MIT
// js-memory: memory that is used up is told with its limit
function main() {
    const all = [];
    for (;;)
        all.push(new Array(1000).fill('x'));
}
