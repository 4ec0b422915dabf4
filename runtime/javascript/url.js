// SPDX-License-Identifier: MIT
// url.js: URL and URLSearchParams, after the URL standard.
//
// Left out: hosts beyond ASCII (write xn--...), Windows drive letters in file:, blob: origins.
(function (native, own) {
    const PORTS = { http: '80', https: '443', ws: '80', wss: '443', ftp: '21', file: '' };
    const isSpecial = (scheme) => Object.hasOwn(PORTS, scheme);

    // ---- percent-encoding ---------------------------------------------------------------
    const BASE = '\\x00-\\x1f\\x7f-\\u{10ffff}';
    const set = (more) => new RegExp(`[${BASE}${more}]`, 'gu');
    const CONTROL = set('');
    const FRAGMENT = set(' "<>`');
    const QUERY = set(' "#<>');
    const SPECIAL_QUERY = set(' "#<>\'');
    const PATH = set(' "#<>?\\^`{}');
    const USERINFO = set(' "#<>?\\^`{}\\/:;=@\\[\\\\\\]\\|');

    const escape = (c) => {
        const point = c.codePointAt(0);
        return point < 0x80 ? '%' + point.toString(16).toUpperCase().padStart(2, '0') : encodeURIComponent(c);
    };
    const encode = (text, what) => text.toWellFormed().replace(what, escape);

    function decode(text) {
        if (!text.includes('%'))
            return text.toWellFormed();
        const from = own.encode(text);
        const to = new Uint8Array(from.length);
        let n = 0;
        for (let i = 0; i < from.length; i++) {
            const hex = from[i] === 0x25 ? String.fromCharCode(from[i + 1], from[i + 2]) : '';
            if (/^[0-9a-f]{2}$/i.test(hex)) {
                to[n++] = parseInt(hex, 16);
                i += 2;
            } else {
                to[n++] = from[i];
            }
        }
        return own.decode(to.subarray(0, n));
    }

    // ---- hosts: each returns undefined for what is none -------------------------------------
    function parseNumber(part) {
        if (part === '')
            return undefined;
        if (/^0x[0-9a-f]*$/i.test(part))
            return part.length === 2 ? 0 : parseInt(part, 16);
        if (/^0[0-7]*$/.test(part))
            return parseInt(part, 8);
        return /^[1-9][0-9]*$/.test(part) ? Number(part) : undefined;
    }

    function endsInNumber(host) {
        const parts = host.split('.');
        if (parts.at(-1) === '' && parts.length > 1)
            parts.pop();
        return /^[0-9]+$/.test(parts.at(-1)) || /^0x[0-9a-f]*$/i.test(parts.at(-1));
    }

    function parseIPv4(host) {
        const parts = host.split('.');
        if (parts.at(-1) === '' && parts.length > 1)
            parts.pop();
        const numbers = parts.map(parseNumber);
        const last = numbers.pop();
        if (numbers.length > 3 || last === undefined || numbers.some((n) => n === undefined || n > 255) ||
            last >= 256 ** (4 - numbers.length))
            return undefined;
        const whole = numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), last);
        return [3, 2, 1, 0].map((i) => Math.floor(whole / 256 ** i) % 256).join('.');
    }

    // "1.2.3.4" at the end of an IPv6 address, as two pieces.
    function embeddedIPv4(text) {
        const bytes = text.split('.');
        if (bytes.length !== 4 || !bytes.every((b) => /^(0|[1-9][0-9]{0,2})$/.test(b) && Number(b) < 256))
            return undefined;
        const [a, b, c, d] = bytes.map(Number);
        return [a * 256 + b, c * 256 + d];
    }

    function parsePieces(text, mayEmbed) {
        const pieces = [];
        const parts = text === '' ? [] : text.split(':');
        for (const [i, part] of parts.entries()) {
            if (/^[0-9a-f]{1,4}$/i.test(part)) {
                pieces.push(parseInt(part, 16));
                continue;
            }
            const two = mayEmbed && i === parts.length - 1 ? embeddedIPv4(part) : undefined;
            if (two === undefined)
                return undefined;
            pieces.push(...two);
        }
        return pieces;
    }

    function parseIPv6(text) {
        const halves = text.split('::');
        if (halves.length > 2)
            return undefined;
        const head = parsePieces(halves[0], halves.length === 1);
        const tail = halves.length === 2 ? parsePieces(halves[1], true) : [];
        if (head === undefined || tail === undefined)
            return undefined;
        const missing = 8 - head.length - tail.length;
        if (halves.length === 2 ? missing < 1 : missing !== 0)
            return undefined;
        return formatIPv6([...head, ...new Array(missing).fill(0), ...tail]);
    }

    // The longest run of zeros, of two or more, is "::"; the first of several.
    function formatIPv6(pieces) {
        let best = { at: -1, size: 1 };
        for (let i = 0; i < 8; i++) {
            let size = 0;
            while (i + size < 8 && pieces[i + size] === 0)
                size++;
            if (size > best.size)
                best = { at: i, size };
        }
        const hex = pieces.map((n) => n.toString(16));
        if (best.at < 0)
            return `[${hex.join(':')}]`;
        return `[${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.size).join(':')}]`;
    }

    function parseHost(text, special) {
        if (text.startsWith('['))
            return text.endsWith(']') ? parseIPv6(text.slice(1, -1)) : undefined;
        if (!special)
            return /[\0\t\n\r #/:<>?@[\\\]^|]/.test(text) ? undefined : encode(text, CONTROL);
        const host = decode(text).toLowerCase();
        if (host === '' || /[\x00-\x20#%/:<>?@[\\\]^|\x7f-\uffff]/.test(host))
            return undefined;
        return endsInNumber(host) ? parseIPv4(host) : host;
    }

    // ---- the parser ---------------------------------------------------------------------
    // A record: scheme, username, password, host (null: none), port, path (a list, or a
    // string when it is opaque), query and fragment (null: none).
    const slashes = (text, special) => (special ? text.replace(/\\/g, '/') : text);

    function addPath(record, text) {
        const parts = slashes(text, isSpecial(record.scheme)).split('/');
        for (const [i, part] of parts.entries()) {
            const isLast = i === parts.length - 1;
            const plain = part.replace(/%2e/gi, '.');
            if (plain === '..')
                record.path.pop();
            if (plain !== '..' && plain !== '.')
                record.path.push(encode(part, PATH));
            else if (isLast)
                record.path.push('');
        }
    }

    function setPath(record, text) {
        record.path = [];
        const special = isSpecial(record.scheme);
        if (special || text !== '')
            addPath(record, /^\//.test(slashes(text, special)) ? text.slice(1) : text);
    }

    // "host:port"
    function setHostPort(record, text) {
        const special = isSpecial(record.scheme);
        const [, host, colon, port = ''] = /^((?:\[[^\]]*\]?|[^:[])*)(:?)(.*)$/s.exec(text);
        if ((colon !== '' && host === '') || !/^[0-9]*$/.test(port) || Number(port) > 65535)
            return false;
        const parsed = host === '' && (!special || record.scheme === 'file') ? '' : parseHost(host, special);
        if (parsed === undefined || (colon !== '' && record.scheme === 'file'))
            return false;
        record.host = record.scheme === 'file' && parsed === 'localhost' ? '' : parsed;
        const number = port === '' ? '' : String(Number(port));
        record.port = number === PORTS[record.scheme] ? '' : number;
        return true;
    }

    // What follows "//".
    function setAuthority(record, text) {
        const end = text.search(isSpecial(record.scheme) ? /[/\\]/ : /\//);
        const authority = end < 0 ? text : text.slice(0, end);
        const at = authority.lastIndexOf('@');
        if (at >= 0) {
            const [, user, password = ''] = /^([^:]*):?(.*)$/s.exec(authority.slice(0, at));
            record.username = encode(user, USERINFO);
            record.password = encode(password, USERINFO);
            if (at === authority.length - 1 || record.scheme === 'file')
                return false;
        }
        setPath(record, end < 0 ? '' : text.slice(end));
        return setHostPort(record, authority.slice(at + 1));
    }

    function inherit(record, base) {
        for (const name of ['username', 'password', 'host', 'port'])
            record[name] = base[name];
    }

    // Without a scheme of its own, or with the base's. hasQuery: whether there is one.
    function setRelative(record, text, base, hasQuery) {
        const special = isSpecial(record.scheme);
        const seen = slashes(text, special);
        if (seen.startsWith('//'))
            return setAuthority(record, special && record.scheme !== 'file' ? text.replace(/^[/\\]+/, '')
                : text.slice(2));
        inherit(record, base);
        if (seen.startsWith('/')) {
            setPath(record, text);
            return true;
        }
        record.path = [...base.path];
        if (text === '') {
            if (!hasQuery)
                record.query = base.query;
            return true;
        }
        record.path.pop();
        addPath(record, text);
        return true;
    }

    function setOpaque(record, text, isFollowed) {
        record.path = encode(isFollowed ? text.replace(/ $/, '%20') : text, CONTROL);
        return true;
    }

    function setRest(record, text, base, hasQuery) {
        const { scheme } = record;
        if (scheme === 'file')
            return setRelative(record, text, base?.scheme === 'file' ? base
                : { username: '', password: '', host: '', port: '', path: [], query: null }, hasQuery);
        if (isSpecial(scheme))
            return base?.scheme === scheme && !/^[/\\]{2}/.test(text) ? setRelative(record, text, base, hasQuery)
                : setAuthority(record, text.replace(/^[/\\]+/, ''));
        if (text.startsWith('//'))
            return setAuthority(record, text.slice(2));
        if (text.startsWith('/')) {
            setPath(record, text);
            return true;
        }
        return setOpaque(record, text, hasQuery || record.fragment !== null);
    }

    const setQuery = (record, text) => {
        record.query = encode(text, isSpecial(record.scheme) ? SPECIAL_QUERY : QUERY);
    };

    const clean = (text) => text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');

    function parse(input, base) {
        const text = clean(String(input).toWellFormed());
        const [, whole, query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text);
        const found = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(whole);
        const record = { scheme: '', username: '', password: '', host: null, port: '', path: [], query: null,
            fragment: fragment === undefined ? null : encode(fragment, FRAGMENT) };
        let ok;
        if (found !== null) {
            record.scheme = found[1].toLowerCase();
            ok = setRest(record, found[2], base, query !== undefined);
        } else if (base === undefined) {
            return undefined;
        } else if (typeof base.path === 'string') {
            if (whole !== '' || query !== undefined || fragment === undefined)
                return undefined;
            return { ...base, fragment: record.fragment };
        } else {
            record.scheme = base.scheme;
            ok = setRelative(record, whole, base, query !== undefined);
        }
        if (ok && query !== undefined)
            setQuery(record, query);
        return ok ? record : undefined;
    }

    // ---- and back -------------------------------------------------------------------------
    const pathOf = (record) =>
        typeof record.path === 'string' ? record.path : record.path.map((part) => `/${part}`).join('');
    const hostOf = (record) => (record.host ?? '') + (record.port === '' ? '' : `:${record.port}`);

    function format(record) {
        let text = `${record.scheme}:`;
        if (record.host !== null) {
            text += '//';
            if (record.username !== '' || record.password !== '')
                text += `${record.username}${record.password === '' ? '' : `:${record.password}`}@`;
            text += hostOf(record);
        } else if (typeof record.path !== 'string' && record.path.length > 1 && record.path[0] === '') {
            text += '/.';
        }
        return text + pathOf(record) + (record.query === null ? '' : `?${record.query}`) +
            (record.fragment === null ? '' : `#${record.fragment}`);
    }

    // ---- URLSearchParams --------------------------------------------------------------------
    const plain = (text) => encode(text, /[^A-Za-z0-9*\-._ ]/gu).replace(/ /g, '+');

    const parseForm = (text) => text.split('&').filter((part) => part !== '').map((part) => {
        const at = part.indexOf('=');
        const words = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
        return words.map((word) => decode(word.replace(/\+/g, ' ')));
    });

    const str = (value) => String(value).toWellFormed();

    function pairsOf(init) {
        if (typeof init !== 'object' || init === null)
            return parseForm(str(init).replace(/^\?/, ''));
        if (typeof init[Symbol.iterator] !== 'function')
            return Reflect.ownKeys(init).filter((key) => Object.prototype.propertyIsEnumerable.call(init, key))
                .map((key) => [str(key), str(init[key])]);
        return Array.from(init, (pair) => {
            const two = [...pair];
            if (two.length !== 2)
                throw new TypeError('URLSearchParams: a pair must have a name and a value');
            return two.map(str);
        });
    }

    let load; // a private door: pairs anew, and who is told of changes
    class URLSearchParams {
        #pairs;
        #changed = () => {};
        constructor(init = '') { this.#pairs = pairsOf(init); }
        static {
            load = (params, text, changed) => {
                params.#pairs = parseForm(text);
                params.#changed = changed;
            };
        }
        get size() { return this.#pairs.length; }
        append(name, value) {
            this.#pairs.push([str(name), str(value)]);
            this.#changed();
        }
        delete(name, value) {
            this.#pairs = this.#pairs.filter(([n, v]) => n !== str(name) || (value !== undefined && v !== str(value)));
            this.#changed();
        }
        get(name) { return this.#pairs.find(([n]) => n === str(name))?.[1] ?? null; }
        getAll(name) { return this.#pairs.filter(([n]) => n === str(name)).map(([, v]) => v); }
        has(name, value) {
            return this.#pairs.some(([n, v]) => n === str(name) && (value === undefined || v === str(value)));
        }
        set(name, value) {
            const first = this.#pairs.find(([n]) => n === str(name));
            if (first === undefined) {
                this.#pairs.push([str(name), str(value)]);
            } else {
                first[1] = str(value);
                this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== first[0]);
            }
            this.#changed();
        }
        sort() {
            this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
            this.#changed();
        }
        forEach(callback, self) {
            for (const [name, value] of this)
                callback.call(self, value, name, this);
        }
        *entries() {
            for (let i = 0; i < this.#pairs.length; i++)
                yield [...this.#pairs[i]];
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
        toString() { return this.#pairs.map(([n, v]) => `${plain(n)}=${plain(v)}`).join('&'); }
    }

    // ---- URL --------------------------------------------------------------------------------
    function parsed(url, base) {
        const from = base === undefined ? undefined : parse(base);
        return base !== undefined && from === undefined ? undefined : parse(url, from);
    }

    class URL {
        #record;
        #params;
        constructor(url, base) {
            this.#record = parsed(url, base);
            if (this.#record === undefined)
                throw new TypeError(`Invalid URL: ${url}${base === undefined ? '' : `, base ${base}`}`);
        }
        static canParse(url, base) { return parsed(url, base) !== undefined; }
        static parse(url, base) { return URL.canParse(url, base) ? new URL(url, base) : null; }
        #reload() {
            if (this.#params === undefined)
                return;
            load(this.#params, this.#record.query ?? '', () => {
                const text = this.#params.toString();
                this.#record.query = text === '' ? null : text;
            });
        }
        get #isBare() { return this.#record.host === null || this.#record.host === '' || this.#record.scheme === 'file'; }

        get href() { return format(this.#record); }
        set href(value) {
            const record = parse(value);
            if (record === undefined)
                throw new TypeError(`Invalid URL: ${value}`);
            this.#record = record;
            this.#reload();
        }
        get origin() {
            const { scheme } = this.#record;
            return isSpecial(scheme) && scheme !== 'file' ? `${scheme}://${hostOf(this.#record)}` : 'null';
        }
        get protocol() { return `${this.#record.scheme}:`; }
        set protocol(value) {
            const scheme = /^([a-z][a-z0-9+.-]*)(:|$)/i.exec(String(value))?.[1].toLowerCase();
            const r = this.#record;
            if (scheme === undefined || isSpecial(scheme) !== isSpecial(r.scheme) ||
                (scheme === 'file' && (r.username !== '' || r.password !== '' || r.port !== '')) ||
                (r.scheme === 'file' && r.host === ''))
                return;
            r.scheme = scheme;
            if (r.port === PORTS[scheme])
                r.port = '';
        }
        get username() { return this.#record.username; }
        set username(value) {
            if (!this.#isBare)
                this.#record.username = encode(String(value), USERINFO);
        }
        get password() { return this.#record.password; }
        set password(value) {
            if (!this.#isBare)
                this.#record.password = encode(String(value), USERINFO);
        }
        // What follows a slash, "?" or "#" is not looked at; a host that is none changes nothing.
        #setHost(value, keepPort) {
            const r = this.#record;
            const special = isSpecial(r.scheme);
            if (typeof r.path === 'string')
                return;
            const text = clean(String(value)).split(special ? /[/\\?#]/ : /[/?#]/)[0];
            const bare = /^(?:\[[^\]]*\]?|[^:[])*/.exec(text)[0];
            const port = /^:([0-9]{1,5})/.exec(text.slice(bare.length))?.[1];
            const next = { ...r };
            if (text.includes('@') || (keepPort && bare !== text) || (bare === '' && (r.username !== '' || r.port !== '')))
                return;
            if (setHostPort(next, bare)) {
                if (keepPort || port === undefined || Number(port) > 65535 || r.scheme === 'file')
                    next.port = r.port;
                else
                    next.port = String(Number(port)) === PORTS[r.scheme] ? '' : String(Number(port));
                this.#record = next;
            }
        }
        get host() { return hostOf(this.#record); }
        set host(value) { this.#setHost(value, false); }
        get hostname() { return this.#record.host ?? ''; }
        set hostname(value) { this.#setHost(value, true); }
        get port() { return this.#record.port; }
        set port(value) {
            const text = String(value);
            const digits = /^[0-9]+/.exec(text)?.[0];
            if (this.#isBare || (digits === undefined && text !== '') || Number(digits) > 65535)
                return;
            const number = digits === undefined ? '' : String(Number(digits));
            this.#record.port = number === PORTS[this.#record.scheme] ? '' : number;
        }
        get pathname() { return pathOf(this.#record); }
        set pathname(value) {
            if (typeof this.#record.path !== 'string')
                setPath(this.#record, String(value).replace(/[\t\n\r]/g, ''));
        }
        get search() { return this.#record.query === null || this.#record.query === '' ? '' : `?${this.#record.query}`; }
        set search(value) {
            const text = String(value).replace(/[\t\n\r]/g, '');
            if (text === '')
                this.#record.query = null;
            else
                setQuery(this.#record, text.replace(/^\?/, ''));
            this.#reload();
        }
        get searchParams() {
            if (this.#params === undefined) {
                this.#params = new URLSearchParams();
                this.#reload();
            }
            return this.#params;
        }
        get hash() {
            return this.#record.fragment === null || this.#record.fragment === '' ? '' : `#${this.#record.fragment}`;
        }
        set hash(value) {
            const text = String(value).replace(/[\t\n\r]/g, '');
            this.#record.fragment = text === '' ? null : encode(text.replace(/^#/, ''), FRAGMENT);
        }
        toString() { return this.href; }
        toJSON() { return this.href; }
    }

    own.define('URL', URL);
    own.define('URLSearchParams', URLSearchParams);
})
