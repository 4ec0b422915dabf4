// SPDX-License-Identifier: MIT
// js-timer-loop: a timer that is far away ends at the time limit, and uses no CPU time
function main() {
    return new Promise((resolve) => setTimeout(resolve, 60000));
}
