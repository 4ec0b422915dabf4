// SPDX-License-Identifier: MIT
// js-timer-throws: what a timer throws ends the invocation
function main() {
    return new Promise(() => setTimeout(() => { throw new RangeError('in a timer'); }, 1));
}
