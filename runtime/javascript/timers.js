// SPDX-License-Identifier: MIT
// timers.js: setTimeout and its kin, queueMicrotask.
//
// A timer runs while the handler's promise is awaited (main.c). What is left when
// the handler has answered never runs.
(function (native, own) {
    const LONGEST = 2 ** 31 - 1; // ms; as browsers have it
    let timers = []; // by time, and of one time in the order in which they were set
    let last = 0;

    function insert(timer) {
        let at = timers.length;
        while (at > 0 && timers[at - 1].due > timer.due)
            at--;
        timers.splice(at, 0, timer);
    }

    function start(who, callback, ms, args, repeats) {
        if (typeof callback !== 'function')
            throw new TypeError(`${who}: give a function`);
        const delay = Number(ms);
        const wait = delay >= 1 && delay <= LONGEST ? Math.trunc(delay) : 1;
        insert({ id: ++last, due: native.monotonic() + wait, wait, callback, args, repeats });
        return last;
    }

    function clearTimeout(id) { timers = timers.filter((timer) => timer.id !== Number(id)); }
    function clearInterval(id) { clearTimeout(id); }
    function setTimeout(callback, ms = 0, ...args) { return start('setTimeout', callback, ms, args, false); }
    function setInterval(callback, ms = 0, ...args) { return start('setInterval', callback, ms, args, true); }
    function queueMicrotask(callback) {
        if (typeof callback !== 'function')
            throw new TypeError('queueMicrotask: give a function');
        Promise.resolve().then(() => { callback(); });
    }

    // Wait for the next timer and run it. Returns whether there was one.
    own.tick = () => {
        const timer = timers.shift();
        if (timer === undefined)
            return false;
        native.waitUntil(timer.due);
        if (timer.repeats) {
            timer.due = native.monotonic() + timer.wait;
            insert(timer);
        }
        timer.callback.call(undefined, ...timer.args);
        return true;
    };
    own.forget = () => { timers.length = 0; };

    for (const value of [setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask])
        own.define(value.name, value);
})
