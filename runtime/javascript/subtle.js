// SPDX-License-Identifier: MIT
// subtle.js: crypto.subtle, as far as hashes and HMAC go. The hashes themselves are
// libmd's (web.c).
(function (native, own) {
    const { DOMException, bytes } = own;
    const HASHES = { 'SHA-1': 64, 'SHA-256': 64, 'SHA-384': 128, 'SHA-512': 128 }; // bytes of a block
    const ORDER = Object.keys(HASHES); // as web.c numbers them
    const USAGES = ['sign', 'verify'];
    const KEY = Symbol('own');

    const unsupported = (message) => new DOMException(message, 'NotSupportedError');
    const nameOf = (algorithm) =>
        String(typeof algorithm === 'object' && algorithm !== null ? algorithm.name : algorithm).toUpperCase();

    function hashOf(algorithm, who) {
        const name = nameOf(algorithm);
        if (!ORDER.includes(name))
            throw unsupported(`${who}: hash "${name}" is not here; there is: ${ORDER.join(', ')}`);
        return name;
    }

    function needHmac(algorithm, who) {
        if (nameOf(algorithm) !== 'HMAC')
            throw unsupported(`${who}: "${nameOf(algorithm)}" is not here; there is: HMAC`);
    }

    let secretOf;
    class CryptoKey {
        #secret;
        #extractable;
        #algorithm;
        #usages;
        constructor(key, secret, extractable, hash, usages) {
            if (key !== KEY)
                throw new TypeError('CryptoKey: make it with crypto.subtle.importKey()');
            this.#secret = secret;
            this.#extractable = extractable;
            this.#algorithm = { name: 'HMAC', length: secret.length * 8, hash: { name: hash } };
            this.#usages = usages;
        }
        get type() { return 'secret'; }
        get extractable() { return this.#extractable; }
        get algorithm() { return this.#algorithm; }
        get usages() { return [...this.#usages]; }
        static {
            // The hash is what the key was made for, whatever became of the object.
            secretOf = (key, usage, who) => {
                if (!(key instanceof CryptoKey))
                    throw new TypeError(`${who}: give a CryptoKey`);
                if (usage !== 'export' && !key.#usages.includes(usage))
                    throw new DOMException(`${who}: the key's usages don't have "${usage}"`, 'InvalidAccessError');
                return key.#secret;
            };
        }
    }

    const hashes = new WeakMap(); // of keys: which hash, by number

    function makeKey(secret, hash, extractable, usages, who) {
        const wanted = [...usages].map(String);
        if (wanted.length === 0 || wanted.some((u) => !USAGES.includes(u)))
            throw new DOMException(`${who}: usages of an HMAC key are: ${USAGES.join(', ')}`, 'SyntaxError');
        const key = new CryptoKey(KEY, secret, Boolean(extractable), hash, USAGES.filter((u) => wanted.includes(u)));
        hashes.set(key, ORDER.indexOf(hash));
        return key;
    }

    class SubtleCrypto {
        async digest(algorithm, data) {
            const hash = hashOf(algorithm, 'digest');
            return native.digest(ORDER.indexOf(hash), bytes(data, 'digest'));
        }
        async importKey(format, data, algorithm, extractable, usages) {
            if (format !== 'raw')
                throw unsupported(`importKey: format "${format}" is not here; there is: raw`);
            needHmac(algorithm, 'importKey');
            const hash = hashOf(algorithm.hash, 'importKey');
            const secret = bytes(data, 'importKey').slice();
            if (secret.length === 0)
                throw new DOMException('importKey: the key is empty', 'DataError');
            if (algorithm.length !== undefined && algorithm.length !== secret.length * 8)
                throw new DOMException('importKey: length is not that of the key', 'DataError');
            return makeKey(secret, hash, extractable, usages, 'importKey');
        }
        async generateKey(algorithm, extractable, usages) {
            needHmac(algorithm, 'generateKey');
            const hash = hashOf(algorithm.hash, 'generateKey');
            const bits = algorithm.length ?? HASHES[hash] * 8;
            if (!Number.isInteger(bits) || bits < 8 || bits % 8 !== 0 || bits > 8 * 65536)
                throw new DOMException('generateKey: length must be a multiple of 8', 'OperationError');
            const secret = new Uint8Array(bits / 8);
            native.fill(secret);
            return makeKey(secret, hash, extractable, usages, 'generateKey');
        }
        async exportKey(format, key) {
            if (format !== 'raw')
                throw unsupported(`exportKey: format "${format}" is not here; there is: raw`);
            const secret = secretOf(key, 'export', 'exportKey');
            if (!key.extractable)
                throw new DOMException('exportKey: the key is not extractable', 'InvalidAccessError');
            return secret.slice().buffer;
        }
        async sign(algorithm, key, data) {
            needHmac(algorithm, 'sign');
            const secret = secretOf(key, 'sign', 'sign');
            return native.hmac(hashes.get(key), secret, bytes(data, 'sign'));
        }
        async verify(algorithm, key, signature, data) {
            needHmac(algorithm, 'verify');
            const secret = secretOf(key, 'verify', 'verify');
            const right = native.hmac(hashes.get(key), secret, bytes(data, 'verify'));
            return native.isSame(new Uint8Array(right), bytes(signature, 'verify'));
        }
    }

    Object.defineProperty(crypto, 'subtle', { value: new SubtleCrypto(), enumerable: true });
    own.define('CryptoKey', CryptoKey);
})
