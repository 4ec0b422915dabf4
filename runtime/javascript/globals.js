// SPDX-License-Identifier: MIT
// globals.js: the globals of a function that the language itself doesn't have.
//
// One expression: a function of the natives (native.c, event.c). Evaluated once,
// before the script and so before the snapshot. Returns what main.c calls, and what the
// other scripts share.
(function (native) {
    const define = (name, value) =>
        Object.defineProperty(globalThis, name, {
            value, writable: true, enumerable: false, configurable: true,
        });

    // Error classes written for Node call it as they are made; a stack is there already.
    Error.captureStackTrace ??= (object) => {
        object.stack ??= new Error().stack;
    };

    // ---- console: a line of the log, with its level ---------------------------------
    const DEPTH = 4;
    const ITEMS = 100;

    const quoted = (text) => "'" + text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n') + "'";
    const keyText = (key) =>
        typeof key === 'symbol' ? `[${key.toString()}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);

    // The first of them as texts: of all there may be no memory for these.
    function firstOf(values, text) {
        const parts = [];
        for (const value of values) {
            if (parts.length === ITEMS)
                break;
            parts.push(text(value));
        }
        return parts;
    }

    function listed(open, shown, close, count) {
        if (count > ITEMS)
            shown.push(`... ${count - ITEMS} more`);
        if (shown.length === 0)
            return open + close;
        const line = `${open} ${shown.join(', ')} ${close}`;
        return line.length <= 76 ? line : `${open}\n  ${shown.join(',\n').replace(/\n/g, '\n  ')}\n${close}`;
    }

    function properties(value) {
        return Reflect.ownKeys(value)
            .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
    }

    function propertyText(value, key, inside) {
        const own = Object.getOwnPropertyDescriptor(value, key);
        return `${keyText(key)}: ${'value' in own ? inside(own.value) : '[Getter]'}`;
    }

    function objectText(value, inside) {
        const name = Object.getPrototypeOf(value)?.constructor?.name;
        if (Array.isArray(value))
            return listed('[', firstOf(value, inside), ']', value.length);
        if (ArrayBuffer.isView(value) && !(value instanceof DataView))
            return listed(`${name}(${value.length}) [`, firstOf(value, String), ']', value.length);
        if (value instanceof Map)
            return listed(`Map(${value.size}) {`, firstOf(value, ([k, v]) => `${inside(k)} => ${inside(v)}`), '}', value.size);
        if (value instanceof Set)
            return listed(`Set(${value.size}) {`, firstOf(value, inside), '}', value.size);
        const prefix = name === undefined ? '[Object: null prototype] ' : name === 'Object' ? '' : `${name} `;
        const keys = properties(value);
        return listed(`${prefix}{`, firstOf(keys, (key) => propertyText(value, key, inside)), '}', keys.length);
    }

    function inspect(value, depth, seen) {
        if (typeof value === 'string')
            return depth === 0 ? value : quoted(value);
        if (typeof value === 'bigint')
            return `${value}n`;
        if (typeof value === 'function')
            return `[Function: ${value.name || '(anonymous)'}]`;
        if (value === null || typeof value !== 'object')
            return Object.is(value, -0) ? '-0' : String(value);
        if (value instanceof Error)
            return `${value}\n${native.places(value.stack ?? '')}`.trimEnd();
        if (value instanceof Date || value instanceof RegExp)
            return value instanceof Date && !isNaN(value) ? value.toISOString() : String(value);
        if (seen.includes(value))
            return '[Circular]';
        if (depth >= DEPTH)
            return Array.isArray(value) ? '[Array]' : '[Object]';
        const now = [...seen, value];
        return objectText(value, (v) => inspect(v, depth + 1, now));
    }

    function jsonText(value) {
        try {
            return JSON.stringify(value);
        } catch (e) {
            if (e instanceof TypeError && e.message === 'circular reference')
                return '[Circular]';
            throw e;
        }
    }

    function formatted(args) {
        let at = 0;
        let text = '';
        if (typeof args[0] === 'string' && args.length > 1) {
            at = 1;
            text = args[0].replace(/%[sdifjoOc%]/g, (mark) => {
                if (mark === '%%')
                    return '%';
                if (at >= args.length)
                    return mark;
                const v = args[at++];
                switch (mark) {
                case '%s': return typeof v === 'string' ? v : inspect(v, 1, []);
                case '%d': return String(Number(v));
                case '%i': return String(parseInt(v, 10));
                case '%f': return String(parseFloat(v));
                case '%j': return jsonText(v);
                case '%c': return '';
                default: return inspect(v, 1, []);
                }
            });
        }
        for (; at < args.length; at++)
            text += (at > 0 ? ' ' : '') + inspect(args[at], 0, []);
        return text;
    }

    // Rows of objects by their keys, of anything else as one column; Node draws lines.
    function tableLines(rows, columns) {
        const entries = rows instanceof Map ? [...rows] : Object.entries(rows instanceof Set ? [...rows] : rows);
        const isRow = (row) => row !== null && typeof row === 'object';
        const keys = columns ?? [...new Set(entries.flatMap(([, row]) => isRow(row) ? Object.keys(row) : []))];
        const hasValues = entries.some(([, row]) => !isRow(row));
        const cell = (row, key) => isRow(row) && Object.hasOwn(row, key) ? inspect(row[key], DEPTH - 1, []) : '';
        const lines = [['', ...keys, ...(hasValues ? ['value'] : [])].map(String)];
        for (const [index, row] of entries)
            lines.push([String(index), ...keys.map((key) => cell(row, key)),
                        ...(hasValues ? [isRow(row) ? '' : inspect(row, 1, [])] : [])]);
        const widths = lines[0].map((_, at) => Math.max(...lines.map((line) => line[at].length)));
        return lines.map((line) => line.map((text, at) => text.padEnd(widths[at])).join('  ').trimEnd());
    }

    const LEVELS = { debug: 0, trace: 0, log: 1, info: 1, warn: 2, error: 3 };
    const counts = new Map();
    const begun = new Map();
    const console = {};
    let indent = '';
    // A line of JSON that says its level, as loggers write it, is left as it is.
    const parse = JSON.parse;
    function saysLevel(text) {
        if (text[0] !== '{' || text.length > 8192 || !/"(level|severity)"/.test(text) || text.includes('\n'))
            return false;
        try {
            const line = parse(text);
            return Object.hasOwn(line, 'level') || Object.hasOwn(line, 'severity');
        } catch {
            return false;
        }
    }
    const write = (level, text) => native.log(saysLevel(text) ? -1 : level,
                                              indent === '' ? text : text.replace(/^/gm, indent));
    for (const [name, level] of Object.entries(LEVELS))
        console[name] = { [name](...args) { write(level, formatted(args)); } }[name];
    console.dir = (value) => write(1, inspect(value, 1, []));
    console.table = (rows, columns) => {
        for (const line of rows !== null && typeof rows === 'object' ? tableLines(rows, columns) : [formatted([rows])])
            write(1, line);
    };
    console.assert = (holds, ...args) => {
        if (!holds)
            console.error('assertion failed:', ...args);
    };
    console.group = console.groupCollapsed = (...args) => {
        if (args.length > 0)
            console.log(...args);
        indent += '  ';
    };
    console.groupEnd = () => { indent = indent.slice(2); };
    console.count = (label = 'default') => {
        counts.set(label, (counts.get(label) ?? 0) + 1);
        console.log(`${label}: ${counts.get(label)}`);
    };
    console.countReset = (label = 'default') => { counts.delete(label); };
    console.time = (label = 'default') => { begun.set(label, performance.now()); };
    console.timeLog = (label = 'default', ...args) => {
        if (begun.has(label))
            console.log(`${label}: ${(performance.now() - begun.get(label)).toFixed(3)}ms`, ...args);
        else
            console.warn(`no timer '${label}': console.time() begins one`);
    };
    console.timeEnd = (label = 'default') => {
        console.timeLog(label);
        begun.delete(label);
    };
    define('console', console);

    // ---- the platform ---------------------------------------------------------------
    const as = (type, ask) => {
        switch (type) {
        case 'text': return ask(false);
        case 'json': {
            const text = ask(false);
            return text === undefined ? undefined : JSON.parse(text);
        }
        case 'bytes': {
            const buffer = ask(true);
            return buffer === undefined ? undefined : new Uint8Array(buffer);
        }
        default: throw new TypeError(`"${type}" is not valid; it must be one of: text, json, bytes`);
        }
    };

    // Milliseconds; what is no number would be none at all, without a word.
    const LONGEST = 10 * 365 * 86400 * 1000;
    const time = (call, what, least, ms) => {
        if (typeof ms !== 'number' || !(ms >= least && ms <= LONGEST))
            throw new TypeError(`${call}: ${what} must be milliseconds, from ${least} to ${LONGEST} (ten years)`);
        return ms;
    };

    define('kv', {
        get: (key, type = 'text') => as(type, (bytes) => native.kvGet(key, bytes)),
        set: (key, value, { ttl } = {}) =>
            native.kvSet(key, value, ttl === undefined ? 0 : time('kv.set', 'ttl', 1, ttl)),
        delete: (key) => native.kvDelete(key),
        incr: (key, by = 1) => {
            if (!Number.isSafeInteger(by))
                throw new TypeError('kv.incr: what is added must be a whole number, at most 2^53 - 1');
            return native.kvIncr(key, by);
        },
        list: (prefix = '') => native.kvList(prefix, false).split('\0').slice(0, -1),
    });
    define('queue', {
        push: (name, value, { delay = 0 } = {}) =>
            native.queuePush(name, value, time('queue.push', 'delay', 0, delay)),
        pop: (name, type = 'text') => as(type, (bytes) => native.queuePop(name, bytes)),
    });
    define('publish', (topic, value) => native.publish(topic, value, 0));
    define('secret', (name, type = 'text') => as(type, (bytes) => native.secret(name, bytes)));
    define('env', native.env);
    define('process', { env: native.env });
    // How packages that are not for Node alone find the other globals.
    define('self', globalThis);

    // ---- chance and time ------------------------------------------------------------
    Object.defineProperty(Math, 'random', { value: native.random });

    const LARGEST = 65536;
    define('crypto', {
        getRandomValues(array) {
            if (!ArrayBuffer.isView(array) || array instanceof DataView ||
                array instanceof Float32Array || array instanceof Float64Array)
                throw new TypeError('crypto.getRandomValues: give an array of integers, such as a Uint8Array');
            if (array.byteLength > LARGEST)
                throw new RangeError(`crypto.getRandomValues: at most ${LARGEST} bytes`);
            native.fill(array);
            return array;
        },
        randomUUID() {
            const b = new Uint8Array(16);
            native.fill(b);
            b[6] = b[6] & 0x0f | 0x40;
            b[8] = b[8] & 0x3f | 0x80;
            const hex = Array.from(b, (v) => v.toString(16).padStart(2, '0')).join('');
            return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
        },
    });
    define('performance', { now: () => native.monotonic() });

    // ---- the event ------------------------------------------------------------------
    // What is kept of an event speaks of no other, with `reuse: instance` either.
    const over = new Proxy({}, {
        get() { throw new TypeError('the event that this belongs to has been handled'); },
    });
    let nativeOf;
    let endEvent;
    let endContext;

    class Item {
        #event;
        #index;
        constructor(event, index) {
            this.#event = event;
            this.#index = index;
        }
        get id() { return nativeOf(this.#event).itemId(this.#index); }
        text() { return nativeOf(this.#event).itemText(this.#index); }
        json() { return JSON.parse(this.text()); }
        bytes() { return new Uint8Array(nativeOf(this.#event).itemBytes(this.#index)); }
    }

    // Asks only for what is used: most events touch a field or two.
    class Event {
        #native = native;
        static {
            nativeOf = (event) => event.#native;
            endEvent = (event) => { event.#native = over; };
        }
        get id() { return this.#native.eventId(); }
        get trigger() { return this.#native.eventTrigger(); }
        get method() { return this.#native.eventMethod(); }
        get path() { return this.#native.eventPath(); }
        get query() { return native.form(this.#native.eventQuery()); }
        get headers() { return this.#native.eventHeaders(); }
        get attempt() { return this.#native.eventAttempt(); }
        get type() { return this.#native.eventAttribute('type'); }
        get source() { return this.#native.eventAttribute('source'); }
        get subject() { return this.#native.eventAttribute('subject'); }
        get time() { return this.#native.eventAttribute('time'); }
        attribute(name) { return this.#native.eventAttribute(name); }
        get body() { return this.#native.eventText(); }
        text() { return this.#native.eventText(); }
        json() { return JSON.parse(this.#native.eventText()); }
        bytes() { return new Uint8Array(this.#native.eventBytes()); }
        get items() { return Array.from({ length: this.#native.itemCount() }, (_, i) => new Item(this, i)); }
    }

    class Context {
        #native = native;
        #params;
        static { endContext = (context) => { context.#native = over; }; }
        get functionName() { return native.functionName; }
        get id() { return this.#native.eventId(); }
        get attempt() { return this.#native.eventAttempt(); }
        get params() { return this.#params ??= native.params(); }
        timeLeft() { return this.#native.eventTimeLeft(); }
    }

    // The arguments of the next event's handler; the last event is over.
    let last;
    const begin = () => {
        if (last !== undefined) {
            endEvent(last[0]);
            endContext(last[1]);
        }
        last = [new Event(), new Context()];
        return last;
    };

    // ---- promises that were rejected, and that nobody handles yet -----------------------
    // In the order in which they were; a script may change what Map can do.
    const rejected = new Map();
    const calls = (name) => Function.prototype.call.bind(Map.prototype[name], rejected);
    const add = calls('set');
    const remove = calls('delete');
    const each = calls('forEach');
    const clear = calls('clear');
    const track = (promise, reason, isHandled) => {
        if (isHandled)
            remove(promise);
        else
            add(promise, reason);
    };
    // How many there are, and why the first; none is left.
    const unhandled = () => {
        let n = 0;
        let first;
        each((reason) => {
            if (n++ === 0)
                first = reason;
        });
        clear();
        return [n, first];
    };

    return { begin, track, unhandled, opaque: [Event, Context, Item] };
})
