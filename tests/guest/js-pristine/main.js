// SPDX-License-Identifier: MIT
// js-pristine: nothing that one event changes can be seen by the next.
'use strict';
let counter = 0;
const kept = [];
const cache = new Map();
const sticky = /a/g;
const closure = (() => {
    let n = 0;
    return () => n++;
})();
class Seen {
    static times = 0;
    #mine = 0;
    next() { return this.#mine++; }
}
const seen = new Seen();
let resolved = 0;
let waiting = Promise.resolve();

function* numbers() {
    for (let i = 0; ; i++)
        yield i;
}
const generator = numbers();

const bad = [];
function check(holds, what) {
    if (!holds)
        bad.push(what);
}

function look() {
    check(counter === 0, 'a global');
    check(globalThis.leaked === undefined, 'a property of the global object');
    check(kept.length === 0, 'an array');
    check(cache.size === 0, 'a cache');
    check(sticky.lastIndex === 0 && sticky.test('a'), 'lastIndex');
    check(closure() === 0, 'a closure');
    check(Seen.times === 0 && seen.next() === 0, 'a class');
    check(generator.next().value === 0, 'a generator');
    check(resolved === 0, 'a promise that was pending');
    check([].last === undefined && ({}).mine === undefined, 'a prototype');
    check(typeof JSON.parse === 'function' && Math.PI > 3, 'a built-in');
    check(Object.keys(env).join() === 'COLOUR' && env.COLOUR === 'green', 'the environment');
    check(kv.get !== undefined && console.mine === undefined, 'a global of the platform');
}

function spoil() {
    counter++;
    globalThis.leaked = 1;
    kept.push(new Array(1000).fill('x'));
    cache.set('a', 1);
    Seen.times++;
    Array.prototype.last = () => 1;
    Object.prototype.mine = 1;
    JSON.parse = undefined;
    env.COLOUR = 'red';
    env.ADDED = '1';
    console.mine = 1;
    kv.get = undefined;
    // Goes on when this event is long over, unless it is over with it.
    waiting = waiting.then(() => new Promise(() => {})).then(() => resolved++);
}

function main() {
    look();
    const answer = bad.length === 0 ? 'ok' : bad.join(', ');
    spoil();
    return answer;
}
