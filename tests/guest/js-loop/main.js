// SPDX-License-Identifier: MIT
// js-loop: a script that never ends is ended at the time limit
function main() {
    for (;;);
}
