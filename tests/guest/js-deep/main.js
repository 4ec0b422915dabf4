// SPDX-License-Identifier: MIT
// js-deep: deep recursion is a RangeError that a script can catch, deep JSON a SyntaxError
const deep = (n) => 1 + deep(n + 1);

function main() {
    const found = [];
    const nested = '['.repeat(50000);
    for (const attempt of [() => deep(0), () => JSON.parse(nested)]) {
        try {
            attempt();
        } catch (e) {
            found.push(e instanceof Error ? e.name : 'nothing');
        }
    }
    // And what was caught leaves the engine as it was.
    return found.join(' ') + ' ' + [3, 1, 2].sort().join('');
}
