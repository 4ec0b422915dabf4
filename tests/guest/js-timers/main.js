// SPDX-License-Identifier: MIT
// js-timers: timers run in their order, while the handler waits
// With tests/guest/check.js before it.
const loaded = { date: Date.now(), clock: performance.now() };
setTimeout(() => bad.push('a timer of the loading ran'), 1);

const sleep = (ms, ...args) => new Promise((resolve) => setTimeout(resolve, ms, ...args));

async function main() {
    const order = [];
    const before = performance.now();
    is('what an event left set', globalThis.left, undefined);
    setTimeout(() => order.push('c'), 150);
    setTimeout((x) => order.push(x), 6, 'b');
    clearTimeout(setTimeout(() => order.push('never'), 3));
    queueMicrotask(() => order.push('a'));
    let times = 0;
    const ticks = setInterval(() => {
        if (++times === 3)
            clearInterval(ticks);
    }, 2);
    is('the argument', await sleep(200, 'x'), 'x');
    is('the order', order.join(), 'a,b,c');
    is('the interval', times, 3);
    const took = performance.now() - before;
    is(`the time: ${took}`, took >= 200 && took < 3000, true);
    is('the date goes on', Date.now() - loaded.date >= 199, true);
    is('and the clock', performance.now() > loaded.clock, true);
    for (const f of [setTimeout, setInterval, queueMicrotask])
        refuses(f.name, 'TypeError', () => f('text'));
    clearTimeout(undefined);
    setTimeout(() => { throw new Error('after the answer'); }, 1);
    globalThis.left = true;
    return bad.join('; ') || 'ok';
}
