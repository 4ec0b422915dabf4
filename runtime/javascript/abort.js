// SPDX-License-Identifier: MIT
// abort.js: Event, EventTarget, AbortController, AbortSignal.
(function (native, own) {
    const { DOMException, define } = own;

    class Event {
        #type;
        #cancelable;
        #prevented = false;
        target = null;
        currentTarget = null;
            constructor(type, { cancelable = false } = {}) {
            if (arguments.length === 0)
                throw new TypeError('Event: give its type');
            this.#type = String(type);
            this.#cancelable = Boolean(cancelable);
        }
        get type() { return this.#type; }
        get cancelable() { return this.#cancelable; }
        get defaultPrevented() { return this.#prevented; }
        preventDefault() { this.#prevented = this.#cancelable; }
        stopImmediatePropagation() { stopped.add(this); }
    }
    const stopped = new WeakSet();

    class EventTarget {
        #listeners = [];
        addEventListener(type, listener, options) {
            const { once = false, signal } = typeof options === 'object' && options !== null ? options : {};
            if (listener === null || listener === undefined || signal?.aborted)
                return;
            if (typeof listener !== 'function' && typeof listener !== 'object')
                throw new TypeError('addEventListener: the listener must be a function or an object');
            type = String(type);
            if (this.#listeners.some((l) => l.type === type && l.listener === listener))
                return;
            this.#listeners.push({ type, listener, once });
            signal?.addEventListener('abort', () => this.removeEventListener(type, listener));
        }
        removeEventListener(type, listener) {
            this.#listeners = this.#listeners.filter((l) => l.type !== String(type) || l.listener !== listener);
        }
        dispatchEvent(event) {
            if (!(event instanceof Event))
                throw new TypeError('dispatchEvent: give an Event');
            event.target = event.currentTarget = this;
            for (const l of [...this.#listeners]) {
                if (l.type !== event.type || !this.#listeners.includes(l))
                    continue;
                if (l.once)
                    this.#listeners = this.#listeners.filter((other) => other !== l);
                call(this, l.listener, event);
                if (stopped.has(event))
                    break;
            }
            event.currentTarget = null;
            return !event.defaultPrevented;
        }
    }

    // What a listener throws is nobody's to catch; it ends the invocation.
    function call(target, listener, event) {
        try {
            if (typeof listener === 'function')
                listener.call(target, event);
            else
                listener.handleEvent(event);
        } catch (e) {
            queueMicrotask(() => { throw e; });
        }
    }

    const KEY = Symbol('own');
    const LONGEST = 2 ** 31 - 1; // ms of a timer, which takes more for 1; no event takes as long
    let abort; // a private door into the class
    let deadline;

    class AbortSignal extends EventTarget {
        #aborted = false;
        #reason;
        #due = Infinity;
        onabort = null;
        constructor(key) {
            super();
            if (key !== KEY)
                throw new TypeError('AbortSignal: make it with new AbortController()');
        }
        get aborted() { return this.#aborted; }
        get reason() { return this.#reason; }
        throwIfAborted() {
            if (this.#aborted)
                throw this.#reason;
        }
        static {
            abort = (signal, reason = new DOMException('the operation was aborted', 'AbortError')) => {
                if (signal.#aborted)
                    return;
                signal.#aborted = true;
                signal.#reason = reason;
                const event = new Event('abort');
                if (typeof signal.onabort === 'function')
                    call(signal, signal.onabort, event);
                signal.dispatchEvent(event);
            };
            deadline = (signal) => signal.#due;
        }
        static abort(reason) {
            const signal = new AbortSignal(KEY);
            abort(signal, reason);
            return signal;
        }
        static timeout(ms) {
            const signal = new AbortSignal(KEY);
            if (!(Number(ms) >= 0) || Number(ms) > Number.MAX_SAFE_INTEGER)
                throw new TypeError('AbortSignal.timeout: give milliseconds, 0 or more');
            const wait = Math.min(Number(ms), LONGEST);
            signal.#due = performance.now() + wait;
            setTimeout(expire, wait, signal);
            return signal;
        }
        static any(signals) {
            const all = [...signals];
            const signal = new AbortSignal(KEY);
            const first = all.find((s) => s.aborted);
            if (first !== undefined) {
                abort(signal, first.reason);
                return signal;
            }
            for (const s of all) {
                signal.#due = Math.min(signal.#due, s.#due);
                s.addEventListener('abort', () => abort(signal, s.reason), { once: true });
            }
            return signal;
        }
    }
    const expire = (signal) => abort(signal, new DOMException('the time is over', 'TimeoutError'));

    class AbortController {
        #signal = new AbortSignal(KEY);
        get signal() { return this.#signal; }
        abort(reason) { abort(this.#signal, reason); }
    }

    // For fetch: when a signal aborts by itself, as performance.now(); and make it do so.
    own.deadline = deadline;
    own.expire = expire;
    for (const value of [Event, EventTarget, AbortSignal, AbortController])
        define(value.name, value);
})
