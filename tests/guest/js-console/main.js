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
    console.log('%j %j', loop, [loop.none]);
    console.group('group %s', 'a');
    console.warn({ in: 1 });
    console.group();
    console.log('deep\nlines');
    console.groupEnd();
    console.groupEnd();
    console.groupEnd();
    console.count();
    console.count('n');
    console.count('n');
    console.countReset('n');
    console.count('n');
    console.timeLog('none');
    console.table([{ a: 1, b: 'x' }, { b: [2] }]);
    console.table(['p', { a: 1 }]);
    console.table(new Map([['k', { a: 1, b: 2 }]]), ['b']);
    console.table(new Set(['s']));
    console.table('no rows');
    console.assert(1 === 1, 'silent');
    console.assert(1 === 2, 'said', 5);
    console.log(JSON.stringify({ level: 'warn', msg: 'x' }));
    console.error('{"severity":20}');
    console.log('{"level":"warn"} and more');
    console.log('{"no":"level"}');
    console.log('{"text":"level"}');
    return '';
}
