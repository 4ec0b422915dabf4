// SPDX-License-Identifier: MIT
// js-console: console writes to the log, each line with its level
function main() {
    console.debug('one');
    console.log('two', { a: [1, 'x'], m: new Map([[1, 2]]) }, null);
    console.info('%s is %d', 'three', '3');
    console.warn(new Error('four').message);
    console.error([undefined, -0, 5n, Symbol('s')]);
    const loop = {};
    loop.loop = loop;
    console.log(loop);
    return '';
}
