// SPDX-License-Identifier: MIT
// js-timer-loop: a timer that is far away ends at the time limit
function main() {
    return new Promise((resolve) => setTimeout(resolve, 60000));
}
