// SPDX-License-Identifier: MIT
// js-loop: a script that never ends is ended at the time limit, and the log says where
function spin(n) {
    while (n >= 0)
        n = Math.abs(n);
}

function main() {
    console.log('begin');
    spin(1);
}
