// SPDX-License-Identifier: MIT
// js-hash: hashes and HMACs are those of the standards
// With tests/guest/check.js before it.
const { subtle } = crypto;
const bytes = (text) => new TextEncoder().encode(text);
const hex = (b) => Array.from(new Uint8Array(b), (v) => v.toString(16).padStart(2, '0')).join('');
async function fails(what, name, promise) {
    await promise.then(() => bad.push(`${what}: was not refused`), (e) => is(what, e.name, name));
}
const key = (raw, hash, usages = ['sign', 'verify'], extractable = false) =>
    subtle.importKey('raw', raw, { name: 'HMAC', hash }, extractable, usages);

// FIPS 180-4's examples, of "abc".
const DIGESTS = {
    'SHA-1': 'a9993e364706816aba3e25717850c26c9cd0d89d',
    'sha-256': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    'SHA-384': 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    'SHA-512': 'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
};
// RFC 2202 and RFC 4231, test case 2; and of a key that is larger than a block.
const JEFE = {
    'SHA-1': 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
    'SHA-256': '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    'SHA-384': 'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
    'SHA-512': '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
};
const LARGE = 'Test Using Larger Than Block-Size Key - Hash Key First';

async function main() {
    for (const [name, wanted] of Object.entries(DIGESTS))
        is(name, hex(await subtle.digest(name, bytes('abc'))), wanted);
    is('nothing', hex(await subtle.digest({ name: 'SHA-1' }, new ArrayBuffer(0))), 'da39a3ee5e6b4b0d3255bfef95601890afd80709');
    is('a view', hex(await subtle.digest('SHA-1', new DataView(bytes('xabcx').buffer, 1, 3))), DIGESTS['SHA-1']);
    is('a million', hex(await subtle.digest('SHA-256', new Uint8Array(1000000).fill(97))), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
    for (const [hash, wanted] of Object.entries(JEFE))
        is(`HMAC ${hash}`, hex(await subtle.sign('HMAC', await key(bytes('Jefe'), hash), bytes('what do ya want for nothing?'))), wanted);
    is('a large key', hex(await subtle.sign('HMAC', await key(new Uint8Array(131).fill(0xaa), 'SHA-256'), bytes(LARGE))), '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54');
    is('a larger', hex(await subtle.sign('HMAC', await key(new Uint8Array(131).fill(0xaa), 'SHA-512'), bytes(LARGE))), '80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598');
    const k = await key(bytes('k'), 'SHA-256', ['sign', 'verify'], true);
    const mac = new Uint8Array(await subtle.sign({ name: 'HMAC' }, k, bytes('m')));
    is('verify', await subtle.verify('HMAC', k, mac, bytes('m')), true);
    is('another text', await subtle.verify('HMAC', k, mac, bytes('n')), false);
    is('a part', await subtle.verify('HMAC', k, mac.subarray(1), bytes('m')), false);
    is('none', await subtle.verify('HMAC', k, new Uint8Array(0), bytes('m')), false);
    mac[31] ^= 1;
    is('a bit', await subtle.verify('HMAC', k, mac, bytes('m')), false);
    is('export', hex(await subtle.exportKey('raw', k)), '6b');
    is('a new key', (await subtle.exportKey('raw', await subtle.generateKey({ name: 'HMAC', hash: 'SHA-384' }, true, ['sign']))).byteLength, 128);
    await fails('MD5', 'NotSupportedError', subtle.digest('MD5', bytes('')));
    await fails('text', 'TypeError', subtle.digest('SHA-1', 'abc'));
    await fails('AES', 'NotSupportedError', subtle.importKey('raw', bytes('k'), 'AES-GCM', false, ['encrypt']));
    await fails('jwk', 'NotSupportedError', subtle.importKey('jwk', {}, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']));
    await fails('no usages', 'SyntaxError', key(bytes('k'), 'SHA-1', []));
    await fails('an empty key', 'DataError', key(new Uint8Array(0), 'SHA-1'));
    await fails('usage', 'InvalidAccessError', subtle.sign('HMAC', await key(bytes('k'), 'SHA-1', ['verify']), bytes('')));
    await fails('not extractable', 'InvalidAccessError', subtle.exportKey('raw', await key(bytes('k'), 'SHA-1')));
    await fails('no key', 'TypeError', subtle.sign('HMAC', {}, bytes('')));
    return bad.join('; ') || 'ok';
}
