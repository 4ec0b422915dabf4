// SPDX-License-Identifier: MIT
// js-unhandled: a rejection that nobody handles is an error
function main() {
    Promise.reject(new Error('nobody looks'));
    return 'fine';
}
