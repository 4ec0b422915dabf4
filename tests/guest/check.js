// SPDX-License-Identifier: MIT
// check.js: what scripts of tests check with; make puts it before those that name it.
const bad = [];
function is(what, got, wanted) {
    if (!Object.is(got, wanted))
        bad.push(`${what}: ${String(got)}, not ${String(wanted)}`);
}
function refuses(what, name, attempt) {
    try {
        attempt();
        bad.push(`${what}: was not refused`);
    } catch (e) {
        is(what, e.name, name);
    }
}
