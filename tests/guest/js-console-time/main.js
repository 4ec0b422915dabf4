// SPDX-License-Identifier: MIT
// js-console-time: console.time tells how long something took
function main() {
    console.time();
    console.time('t');
    console.timeLog('t', 'so far');
    console.timeEnd('t');
    console.timeEnd('t');
    console.timeEnd();
    return '';
}
