// SPDX-License-Identifier: MIT
// js-never: a promise that nothing can settle is told at once
async function main() {
    await new Promise(() => {});
}
