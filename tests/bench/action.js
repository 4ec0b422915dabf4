// SPDX-License-Identifier: MIT
// An action in Node: its median time and 99th percentile in microseconds.
//
//      node action.js FILE PARAMS TIMES
const { readFileSync } = require('fs');
const { runInThisContext } = require('vm');

const [file, params, times] = process.argv.slice(2);
runInThisContext(readFileSync(file, 'utf8'), file);
const us = [];
for (let i = 0; i < times; i++) {
    const from = process.hrtime.bigint();
    main(JSON.parse(params));
    us.push(Number(process.hrtime.bigint() - from) / 1000);
}
us.sort((a, b) => a - b);
console.log(us[(us.length - 1) >> 1], us[Math.ceil(us.length * 0.99) - 1]);
