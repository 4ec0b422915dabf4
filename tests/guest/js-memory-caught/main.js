// SPDX-License-Identifier: MIT
// js-memory-caught: a script that catches it goes on when memory is used up
function main() {
    try {
        new ArrayBuffer(1 << 30);
    } catch (e) {
        return 'no';
    }
    return 'yes';
}
