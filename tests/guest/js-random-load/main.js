// SPDX-License-Identifier: MIT
// js-random-load: Math.random goes on in no event from where it was when the script loaded
const draw = () => [Math.random(), Math.random(), Math.random()];
const loaded = draw();

function main() {
    const now = draw();
    const fresh = new Set([...loaded, ...now]).size === 6;
    return `${fresh} ${[...loaded, ...now].every((n) => n >= 0 && n < 1)} ${now}`;
}
