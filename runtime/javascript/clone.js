// SPDX-License-Identifier: MIT
// clone.js: structuredClone. What cannot be cloned is refused with a DataCloneError.
(function (native, own) {
    const { DOMException, define } = own;
    const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
    const OPAQUE = [...own.opaque, Promise, WeakMap, WeakSet, WeakRef, EventTarget, Event, URL, URLSearchParams, CryptoKey,
        AbortController, TextEncoder, TextDecoder];

    const refused = (what) => new DOMException(`structuredClone: ${what} cannot be cloned`, 'DataCloneError');

    // What Object.prototype.toString() tells can be forged; a method that looks inside cannot.
    function holds(method, value) {
        try {
            method.call(value);
            return true;
        } catch {
            return false;
        }
    }

    function boxed(value) {
        for (const type of [Boolean, Number, String, BigInt])
            if (holds(type.prototype.valueOf, value))
                return Object(type.prototype.valueOf.call(value));
        return undefined;
    }

    function cloneError(value, seen) {
        const type = ERRORS[value.name] ?? Error;
        const made = new type();
        seen.set(value, made);
        const put = (name, v) => Object.defineProperty(made, name, {
            value: v, writable: true, enumerable: false, configurable: true,
        });
        if (value.message !== undefined)
            put('message', String(value.message));
        put('stack', String(value.stack ?? ''));
        if (Object.hasOwn(value, 'cause'))
            put('cause', clone(value.cause, seen));
        return made;
    }

    function cloneView(value, seen) {
        const buffer = clone(value.buffer, seen);
        const type = value.constructor;
        return value instanceof DataView ? new DataView(buffer, value.byteOffset, value.byteLength)
            : new type(buffer, value.byteOffset, value.length);
    }

    function cloneProperties(value, copy, seen) {
        for (const key of Object.keys(value))
            Object.defineProperty(copy, key, {
                value: clone(value[key], seen), writable: true, enumerable: true, configurable: true,
            });
        return copy;
    }

    function cloneObject(value, seen) {
        const keep = (copy) => (seen.set(value, copy), copy);
        if (Array.isArray(value))
            return cloneProperties(value, keep(new Array(value.length)), seen);
        if (value instanceof Date)
            return keep(new Date(value.getTime()));
        if (value instanceof RegExp)
            return keep(new RegExp(value.source, value.flags));
        if (value instanceof ArrayBuffer)
            return keep(value.slice(0));
        if (ArrayBuffer.isView(value))
            return keep(cloneView(value, seen));
        if (value instanceof Map) {
            const copy = keep(new Map());
            for (const [k, v] of [...value])
                copy.set(clone(k, seen), clone(v, seen));
            return copy;
        }
        if (value instanceof Set) {
            const copy = keep(new Set());
            for (const v of [...value])
                copy.add(clone(v, seen));
            return copy;
        }
        if (value instanceof Error)
            return cloneError(value, seen);
        const type = OPAQUE.find((t) => value instanceof t);
        if (type !== undefined)
            throw refused(`a ${value.constructor?.name || type.name}`);
        const box = boxed(value);
        return box !== undefined ? keep(box) : cloneProperties(value, keep({}), seen);
    }

    function clone(value, seen) {
        if (typeof value === 'function')
            throw refused('a function');
        if (typeof value === 'symbol')
            throw refused('a symbol');
        if (typeof value !== 'object' || value === null)
            return value;
        return seen.has(value) ? seen.get(value) : cloneObject(value, seen);
    }

    define('structuredClone', function structuredClone(value, { transfer = [] } = {}) {
        if (arguments.length === 0)
            throw new TypeError('structuredClone: give a value');
        if ([...transfer].length > 0)
            throw new DOMException('structuredClone: there is no `transfer` here', 'DataCloneError');
        return clone(value, new Map());
    });
})
