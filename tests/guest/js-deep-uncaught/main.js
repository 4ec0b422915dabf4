// SPDX-License-Identifier: MIT
// js-deep-uncaught: deep recursion that is not caught is an error, not a fault
function main(params) {
    return main(params) + 1;
}
