// SPDX-License-Identifier: MIT
// js-console-many: of what has very many elements console tells the first hundred, and how many more there are
function main() {
    const bytes = new Uint8Array(400000);
    console.log(bytes);
    console.log(new Array(1e9));
    console.log(new Map(Array.from({ length: 2000 }, (_, i) => [i, {}])));
    console.log(new Set(Array.from({ length: 101 }, (_, i) => i)));
    console.log(Object.fromEntries(Array.from({ length: 103 }, (_, i) => [`k${i}`, i])));
    console.log(bytes.subarray(0, 100));
    return '';
}
