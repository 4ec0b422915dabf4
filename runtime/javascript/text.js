// SPDX-License-Identifier: MIT
// text.js: TextEncoder, TextDecoder, atob, btoa; DOMException, which others throw too.
(function (native, own) {
    const CODES = {
        InvalidCharacterError: 5, NotSupportedError: 9, InvalidStateError: 11, SyntaxError: 12,
        InvalidAccessError: 15, AbortError: 20, TimeoutError: 23, DataCloneError: 25,
    };

    class DOMException extends Error {
        #name;
        constructor(message = '', name = 'Error') {
            super(message);
            this.#name = String(name);
        }
        get name() { return this.#name; }
        get code() { return CODES[this.#name] ?? 0; }
    }

    /* What a function was given as bytes: a buffer, or a view of one. */
    own.bytes = (value, who) => {
        if (value instanceof ArrayBuffer)
            return new Uint8Array(value);
        if (ArrayBuffer.isView(value))
            return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
        throw new TypeError(`${who}: give an ArrayBuffer, or a view of one such as a Uint8Array`);
    };
    own.encode = (text) => new Uint8Array(native.utf8Encode(text.toWellFormed()));
    own.decode = (bytes) => native.utf8Decode(bytes, false);

    class TextEncoder {
        get encoding() { return 'utf-8'; }
        encode(text = '') { return own.encode(String(text)); }
        encodeInto(text, target) {
            if (!(target instanceof Uint8Array))
                throw new TypeError('TextEncoder.encodeInto: the target must be a Uint8Array');
            let read = 0;
            let written = 0;
            for (const c of String(text).toWellFormed()) {
                const point = c.codePointAt(0);
                const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
                if (written + size > target.length)
                    break;
                written += size;
                read += c.length;
            }
            target.set(own.encode(String(text).slice(0, read)));
            return { read, written };
        }
    }

    const LABELS = ['utf-8', 'utf8', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'x-unicode20utf8'];
    const NONE = new Uint8Array(0);

    function joined(a, b) {
        if (a.length === 0)
            return b;
        const both = new Uint8Array(a.length + b.length);
        both.set(a);
        both.set(b, a.length);
        return both;
    }

    class TextDecoder {
        #fatal;
        #ignoreBOM;
        #left = NONE; // an incomplete character, of a stream
        #begun = false; // past where a byte order mark may be
        constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
            if (!LABELS.includes(String(label).trim().toLowerCase()))
                throw new RangeError(`TextDecoder: "${label}" is not here; there is: utf-8`);
            this.#fatal = Boolean(fatal);
            this.#ignoreBOM = Boolean(ignoreBOM);
        }
        get encoding() { return 'utf-8'; }
        get fatal() { return this.#fatal; }
        get ignoreBOM() { return this.#ignoreBOM; }
        decode(input = NONE, { stream = false } = {}) {
            let bytes = joined(this.#left, own.bytes(input, 'TextDecoder.decode'));
            const tail = stream ? native.utf8Tail(bytes) : 0;
            this.#left = bytes.slice(bytes.length - tail);
            bytes = bytes.subarray(0, bytes.length - tail);
            let text = native.utf8Decode(bytes, this.#fatal);
            const first = !this.#begun;
            this.#begun = stream && text !== undefined && (this.#begun || bytes.length > 0);
            if (text === undefined) {
                this.#left = NONE;
                throw new TypeError('TextDecoder.decode: the bytes are not UTF-8');
            }
            if (first && !this.#ignoreBOM && text.charCodeAt(0) === 0xfeff)
                text = text.slice(1);
            return text;
        }
    }

    // ---- base64 -------------------------------------------------------------------------
    const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const VALUES = Object.fromEntries(Array.from(DIGITS, (c, i) => [c, i]));
    const refused = (message) => new DOMException(message, 'InvalidCharacterError');

    function btoa(data) {
        const text = String(data);
        const out = [];
        for (let i = 0; i < text.length; i += 3) {
            const a = text.charCodeAt(i);
            const b = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
            const c = i + 2 < text.length ? text.charCodeAt(i + 2) : 0;
            if (a > 255 || b > 255 || c > 255)
                throw refused('btoa: a character is beyond U+00FF; encode the text first');
            out.push(DIGITS[a >> 2] + DIGITS[(a & 3) << 4 | b >> 4] +
                (i + 1 < text.length ? DIGITS[(b & 15) << 2 | c >> 6] : '=') +
                (i + 2 < text.length ? DIGITS[c & 63] : '='));
        }
        return out.join('');
    }

    function atob(data) {
        let text = String(data).replace(/[\t\n\f\r ]+/g, '');
        if (text.length % 4 === 0)
            text = text.replace(/={1,2}$/, '');
        if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text))
            throw refused('atob: this is not base64');
        const out = [];
        let held = 0;
        let bits = 0;
        for (let i = 0; i < text.length; i++) {
            held = (held << 6 | VALUES[text[i]]) & 0xffff;
            bits += 6;
            if (bits >= 8) {
                bits -= 8;
                out.push(String.fromCharCode(held >> bits & 255));
            }
        }
        return out.join('');
    }

    own.define = (name, value) => Object.defineProperty(globalThis, name, {
        value, writable: true, enumerable: false, configurable: true,
    });
    own.DOMException = DOMException;
    for (const value of [DOMException, TextEncoder, TextDecoder, atob, btoa])
        own.define(value.name, value);
})
