// SPDX-License-Identifier: MIT
// fetch.js: Headers, Request, Response and fetch, over the platform's host call.
//
// The function stands still while another service is asked, and bodies are whole:
// there are no streams. What may be asked is in docs/fetch.md.
(function (native, own) {
    const { define, bytes } = own;

    // ---- Headers ------------------------------------------------------------------------
    function nameOf(name) {
        const text = String(name);
        if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text))
            throw new TypeError(`Headers: "${text}" is not the name of a header`);
        return text.toLowerCase();
    }

    function valueOf(value) {
        const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
        if (/[\0\r\n\u0100-\uffff]/.test(text))
            throw new TypeError('Headers: a value has a line feed, a NUL or a character beyond U+00FF');
        return text;
    }

    class Headers {
        #pairs = [];
        constructor(init) {
            native.madePlain();
            if (init === undefined)
                return;
            if (typeof init !== 'object' || init === null)
                throw new TypeError('Headers: give pairs, or an object');
            const pairs = typeof init[Symbol.iterator] === 'function' ? Array.from(init, (p) => [...p]) : Object.entries(init);
            for (const pair of pairs) {
                if (pair.length !== 2)
                    throw new TypeError('Headers: a pair must have a name and a value');
                this.append(pair[0], pair[1]);
            }
        }
        append(name, value) { this.#pairs.push([nameOf(name), valueOf(value)]); }
        delete(name) {
            const wanted = nameOf(name);
            this.#pairs = this.#pairs.filter(([n]) => n !== wanted);
        }
        get(name) {
            const wanted = nameOf(name);
            const values = this.#pairs.filter(([n]) => n === wanted).map(([, v]) => v);
            return values.length === 0 ? null : values.join(', ');
        }
        getSetCookie() { return this.#pairs.filter(([n]) => n === 'set-cookie').map(([, v]) => v); }
        has(name) { return this.get(name) !== null; }
        set(name, value) {
            const pair = [nameOf(name), valueOf(value)];
            this.delete(name);
            this.#pairs.push(pair);
        }
        forEach(callback, self) {
            for (const [name, value] of this)
                callback.call(self, value, name, this);
        }
        *entries() {
            for (const name of [...new Set(this.#pairs.map(([n]) => n))].sort()) {
                if (name !== 'set-cookie')
                    yield [name, this.get(name)];
                else
                    yield* this.getSetCookie().map((v) => [name, v]);
            }
        }
        *keys() {
            for (const [name] of this.entries())
                yield name;
        }
        *values() {
            for (const [, value] of this.entries())
                yield value;
        }
        [Symbol.iterator]() { return this.entries(); }
    }

    // ---- bodies -------------------------------------------------------------------------
    // Bytes, and the type that goes with them unless one is given.
    function bodyOf(value) {
        if (value === undefined || value === null)
            return [null, null];
        if (value instanceof URLSearchParams)
            return [own.encode(value.toString()), 'application/x-www-form-urlencoded;charset=UTF-8'];
        if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
            return [bytes(value, 'body').slice(), null];
        return [own.encode(String(value)), 'text/plain;charset=UTF-8'];
    }

    let dataOf; // a private door: the bytes, or null
    let setData; // and another: bytes that nobody else has are not copied
    class Body {
        #data;
        #used = false;
        #headers;
        constructor(body, headers) {
            const [data, type] = bodyOf(body);
            this.#data = data;
            this.#headers = new Headers(headers);
            if (type !== null && !this.#headers.has('content-type'))
                this.#headers.set('content-type', type);
        }
        static {
            dataOf = (body) => {
                if (body.#used)
                    throw new TypeError('the body has been read already');
                return body.#data;
            };
            setData = (body, data) => { body.#data = data; };
        }
        get headers() { return this.#headers; }
        get body() { return null; }
        get bodyUsed() { return this.#used; }
        async bytes() {
            const data = dataOf(this) ?? new Uint8Array(0);
            this.#used = this.#data !== null;
            return data;
        }
        async arrayBuffer() { return (await this.bytes()).buffer; }
        async text() { return new TextDecoder().decode(await this.bytes()); }
        async json() { return JSON.parse(await this.text()); }
    }

    // ---- Request, Response --------------------------------------------------------------
    const USUAL = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];
    const REFUSED = ['CONNECT', 'TRACE', 'TRACK'];

    function methodOf(method) {
        const text = String(method);
        const upper = text.toUpperCase();
        if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text) || REFUSED.includes(upper))
            throw new TypeError(`Request: method "${text}" is not possible`);
        return USUAL.includes(upper) ? upper : text;
    }

    class Request extends Body {
        #method;
        #url;
        #signal;
        constructor(input, init = {}) {
            const from = input instanceof Request ? input : undefined;
            const method = methodOf(init.method ?? from?.method ?? 'GET');
            const given = init.body ?? null;
            const body = given === null && from !== undefined ? dataOf(from) : given;
            if (body !== null && (method === 'GET' || method === 'HEAD'))
                throw new TypeError(`Request: ${method} has no body`);
            if (init.redirect !== undefined && init.redirect !== 'follow')
                throw new TypeError('Request: redirects are always followed');
            super(body, init.headers ?? from?.headers);
            this.#method = method;
            this.#url = new URL(from?.url ?? input);
            if (this.#url.username !== '' || this.#url.password !== '')
                throw new TypeError('Request: no user or password in a URL; use a header Authorization');
            const signal = init.signal === undefined ? from?.signal : init.signal;
            if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal))
                throw new TypeError('Request: signal must be an AbortSignal');
            this.#signal = signal ?? new AbortController().signal;
        }
        get method() { return this.#method; }
        get url() { return this.#url.href; }
        get signal() { return this.#signal; }
        get redirect() { return 'follow'; }
        clone() { return new Request(this); }
    }

    let setAnswer; // a private door: what a service answers may be beyond what a script may make
    let makeError;
    class Response extends Body {
        #status;
        #text;
        #url = '';
        #type = 'default';
        constructor(body, { status = 200, statusText = '', headers } = {}) {
            const number = Number(status);
            if (!Number.isInteger(number) || number < 200 || number > 599)
                throw new RangeError(`Response: status ${status} is none; it must be from 200 to 599`);
            if ([204, 205, 304].includes(number) && body !== undefined && body !== null)
                throw new TypeError(`Response: ${number} has no body`);
            super(body, headers);
            this.#status = number;
            this.#text = String(statusText);
        }
        static {
            setAnswer = (response, status, url) => {
                response.#status = status;
                response.#url = url;
            };
            makeError = (response) => {
                response.#status = 0;
                response.#type = 'error';
                return response;
            };
        }
        get status() { return this.#status; }
        get statusText() { return this.#text; }
        get ok() { return this.#status >= 200 && this.#status <= 299; }
        get url() { return this.#url; }
        get type() { return this.#type; }
        clone() {
            const copy = new Response(dataOf(this), { statusText: this.#text, headers: this.headers });
            setAnswer(copy, this.#status, this.#url);
            return this.#status === 0 ? makeError(copy) : copy;
        }
        static error() { return makeError(new Response()); }
        static json(data, init = {}) {
            const text = JSON.stringify(data);
            if (text === undefined)
                throw new TypeError('Response.json: this is not possible in JSON');
            const headers = new Headers(init.headers);
            if (!headers.has('content-type'))
                headers.set('content-type', 'application/json');
            return new Response(text, { ...init, headers });
        }
        static redirect(url, status = 302) {
            if (![301, 302, 303, 307, 308].includes(status))
                throw new RangeError(`Response.redirect: status ${status} is no redirect`);
            return new Response(null, { status, headers: { location: new URL(url).href } });
        }
    }

    // ---- fetch --------------------------------------------------------------------------
    // "name: value\n" lines; what the service sent may be beyond what a script may set.
    function readHeaders(text) {
        const headers = new Headers();
        for (const line of text.split('\n')) {
            const at = line.indexOf(':');
            if (at > 0)
                headers.append(line.slice(0, at), line.slice(at + 1).replace(/[\0\r\u0100-\uffff]/g, '?'));
        }
        return headers;
    }

    // Milliseconds until the signal aborts by itself; 0: never.
    function timeLeft(signal) {
        const due = own.deadline(signal);
        return due === Infinity ? 0 : Math.max(due - performance.now(), 0.001);
    }

    define('fetch', async function fetch(input, init) {
        const request = new Request(input, init);
        const { signal, method } = request;
        const url = request.url.replace(/#.*$/s, '');
        if (!/^https?:/.test(url))
            throw new TypeError(`fetch: ${url}: only http: and https: can be asked`);
        signal.throwIfAborted();
        const lines = Array.from(request.headers, ([n, v]) => `${n}: ${v}\n`).join('');
        const data = dataOf(request);
        const got = native.fetch(method, url, lines, data ?? undefined, timeLeft(signal));
        if (performance.now() >= own.deadline(signal))
            own.expire(signal);
        signal.throwIfAborted();
        if (typeof got === 'string')
            throw new TypeError(`fetch: ${url}: ${got}`);
        const empty = [204, 205, 304].includes(got.status) || got.body.byteLength === 0;
        const response = new Response(null, { headers: readHeaders(got.headers) });
        if (!empty)
            setData(response, new Uint8Array(got.body));
        setAnswer(response, got.status, url);
        return response;
    });
    // ---- for those who answer with them -------------------------------------------------
    const grouped = (headers) => {
        const to = Object.create(null);
        for (const [name, value] of headers.entries())
            to[name] = name in to ? [to[name], value].flat() : value;
        return to;
    };

    // What reply.c reads; undefined: it is neither.
    own.plain = (value) => {
        if (value instanceof Headers)
            return grouped(value);
        if (!(value instanceof Response))
            return undefined;
        if (value.status === 0)
            throw new TypeError('Response.error() is no answer; answer with a status');
        return { statusCode: value.status, headers: grouped(value.headers), body: dataOf(value) };
    };
    own.opaque.push(Headers, Request, Response);
    for (const value of [Headers, Request, Response])
        define(value.name, value);
})
