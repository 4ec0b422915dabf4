// SPDX-License-Identifier: MIT
// js-loop-answer: a script that computes for long and answers has no such line in its log
function main() {
    let n = 0;
    for (let i = 0; i < 400000; i++)
        n += Math.abs(1);
    return String(n);
}
