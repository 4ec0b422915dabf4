// SPDX-License-Identifier: MIT
// scripts.js: scripts and events that nobody means well with, the same for the same seed.
//
// A function, as all it makes is JavaScript. Parameters: seed, and what: "scripts" or
// "bodies". It answers with as many as `count` says, each behind a line "#N"; a body's
// bytes are as printf %b takes them.
let state;

// Mulberry32.
function random() {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
}
const below = (n) => random() % n;
const one = (list) => list[below(list.length)];

const values = [
    '0', '-1', '1e308', '2 ** 31', '2 ** 32 - 1', 'NaN', '-0', '1n << 64n', 'null', 'undefined', 'true', '""',
    '"\\u0000"', '"\\ud800"', '"x".repeat(99999)', '[]', '[,]', '{}', '() => {}', 'Symbol()', 'globalThis', 'exports',
    'new Proxy({}, {})', 'new Proxy([], { get() { throw null; } })', 'Object.create(null)', '/(?:)/g', 'new Error()',
    'new Uint8Array(9)', 'new Date(NaN)', 'Promise.reject(1)', 'Promise.resolve()', 'new (class { get then() { throw 1; } })()',
    '{ then(f) { f(this); } }', '{ then() {} }', '{ toString() { throw 7; } }', '{ toJSON() { return this.a.b; } }',
    '{ [Symbol.toPrimitive]: () => ({}) }', '{ statusCode: 1e9 }', '{ statusCode: { valueOf() { throw 1; } } }',
    '{ statusCode: 101 }', '{ headers: { "a\\r\\nb": "c" } }', '{ headers: { a: "b\\r\\nc: d", "": 1 } }',
    '{ headers: { "x-call-id": "forged", "content-length": "7", "transfer-encoding": "chunked" }, body: "" }',
    '{ headers: { a: Array(9).fill("b".repeat(4000)) } }', '{ body: "x".repeat(1 << 21) }', '{ body: Symbol() }',
    '{ error: { get body() { throw 3; } } }', '{ error: 1n }', '{ body: new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 })) }',
];
const statements = [
    'throw $;', 'return $;', 'await $;', 'yield $;', 'globalThis.x = $;', 'exports = $;', 'module.exports = $;', 'module = $;',
    'new Error($).stack;', 'throw Object.assign(new Error(), { stack: $, message: $ });', 'Error.prepareStackTrace = () => $;',
    'throw new Proxy(new Error(), { get() { throw $; } });', 'throw Object.setPrototypeOf(new Error(), $);',
    'Object.prototype.then = $;', 'Object.prototype.toString = $;', 'Object.prototype.body = $;', 'Array.prototype.length = $;',
    'Object.defineProperty(Object.prototype, "error", { get() { return $; } });', 'Promise.prototype.then = $;',
    'Array.prototype[Symbol.iterator] = $;', 'Function.prototype.call = $;', 'String.prototype.toString = $;', 'JSON = $;',
    'JSON.stringify = $;', 'console = $;', 'console.log($, $);', 'delete globalThis.Object;', 'Object.freeze(globalThis);',
    '(function f() { f(); })();', 'const a = []; a[0] = a; return a;',
    'let a = []; for (let i = 0; i < 1e4; i++) a = [a]; return a;', 'JSON.parse("[".repeat(1e5));', 'eval("(".repeat(1e5));',
    'return structuredClone($);', '[].length = $;', 'new ArrayBuffer($);', 'a: { break a; }',
    'new Uint8Array(1 << 30);', 'const a = []; for (;;) a.push("x".repeat(1e6) + a.length);', '"x".repeat(2 ** 29).repeat(9);',
    'new RegExp("(".repeat(1e4) + $);', '"a".replace(/a/, $);', '"a".padEnd($);',
    'setTimeout($, $);', 'setTimeout(() => { throw $; });', 'queueMicrotask(() => { throw $; });',
    'return new Promise(() => {});', 'Promise.reject($);', 'new FinalizationRegistry(() => { throw 1; }).register({}, $);',
    'kv.set($, $);', 'kv.get($, $);', 'kv.incr($, $);', 'kv.list($);', 'secret($);', 'fetch($, $);', 'env.x = $;', 'new URL($, $);',
    'crypto.getRandomValues($);', 'crypto.subtle.digest($, $);', 'new TextDecoder($).decode($);', 'atob($); btoa($);', 'require($);',
    'return import($);', 'new Headers($); new Request($, $); new Response($, $);', 'structuredClone($, $);', 'with ($) {}',
    'new Function($, $)($);', 'class A extends $ {}', 'Reflect.construct($, $, $);', 'Reflect.ownKeys($);', 'for (const a of $) ;',
    'const { a, ...b } = $;', 'const [c, ...d] = $;', 'Array.from({ length: 1e3 }, () => $);', 'Atomics.wait($, 0, 0);',
    'new DataView($).setFloat64($, $);', 'BigInt($) ** 99999n;', '"\\u{110000}";', '`${$}`;', '#!', '<!-- ', '*/', '\u2028', '\0',
];
// Rarely, for each takes all of the time that there is.
const endless = [
    'for (;;) ;', 'while (true) new Map();', 'const f = async () => { for (;;) await 0; }; await f();', 'setInterval(() => {}, 0);',
    '(function f() { try { f(); } catch { f(); } })();', '/(a+)+c/.test("a".repeat(40));', 'new Array(2 ** 32 - 1).concat($);',
];
const handlers = [
    'function main(params) { # }', 'async function main(params) { # }', 'function* main() { # }', 'exports.main = (params) => { # };',
    'export default (event, context) => { # }', 'export async function main() { # }', 'module.exports = class { constructor() { # } };',
    'exports.main = new Proxy(() => {}, { apply() { # } });', 'const main = $;', 'export default $;', '',
];
const odd = ['\0', '\u2028', '\ufeff', '{', '}', '(', ')', '[', '`', '${', '"', "'", '\\', '/', '*', '=>', '...', '?.', ';', '\n', '#',
    '@', 'await ', 'import ', 'class ', '\ud800', '\u{1f600}', '0x', '1_', 'n'];

const fill = (text) => text.replace(/\$(?!\{)/g, () => one(values));
function body() {
    let text = '';
    for (let i = below(3) + 1; i > 0; i--)
        text += fill(below(300) === 0 ? one(endless) : one(statements)) + '\n';
    return text;
}

// Break it in a few places, as often as not.
function broken(text) {
    for (let i = below(4) - 1; i > 0; i--) {
        const at = below(text.length + 1);
        const to = at + below(9);
        text = text.slice(0, at) + one([one(odd), '', text.slice(at, to).repeat(2)]) + text.slice(one([at, to]));
    }
    return text;
}

function script() {
    const load = below(4) > 0 ? '' : body();
    return broken(load + fill(one(handlers)).replace('#', () => '\n' + body()));
}

// As a body, of any kind: what a script is evaluated from, JSON, a form, or anything.
function json(depth) {
    const kind = below(depth > 0 ? 8 : 5);
    if (kind === 0)
        return one(['1e999', '-0', '0.' + '1'.repeat(below(400)), '12345678901234567890', '01', '.5', 'NaN', '1e']);
    if (kind < 4)
        return one(['null', 'true', '"\\u0000"', '"\\ud800"', '"\u0001"', '"' + 'é'.repeat(below(99)) + '"', '"\\x"', '']);
    const n = below(5);
    const parts = Array.from({ length: n }, () => json(depth - 1));
    const name = () => one(['a', '__proto__', 'constructor', 'then', 'toJSON', '__ow_path', '0', '', '\\u0000', 'length']);
    return kind === 4 ? '[' + parts.join() + ']' : '{' + parts.map((v) => `"${name()}":${v}`).join() + '}';
}
const pair = () => one(['a', '', '__proto__', '%61', '%', '%zz', 'a%00b', '%ff']) + one(['=', '', '==', '=1+1', '=%e9%', '&', '=' + 'x'.repeat(below(999))]);
function any() {
    switch (below(6)) {
    case 0: return '['.repeat(below(20000)) + json(2);
    case 1: return Array.from({ length: below(40) }, pair).join('&');
    case 2: return String.fromCharCode(...Array.from({ length: below(200) }, () => below(256)));
    default: return broken(json(6));
    }
}

const bytes = (text) => text.replace(/[^\w {}[\]":;,.=()]/g, (c) => '\\0' + (c.charCodeAt(0) & 255).toString(8).padStart(3, '0'));
const utf8 = (text) => Array.from(new TextEncoder().encode(text), (b) => String.fromCharCode(b)).join('');

function main({ seed, what, count }) {
    state = Number(seed) | 0;
    const all = [];
    for (let i = 0; i < Number(count); i++)
        all.push(`#${i}\n` + { scripts: () => script(), bodies: () => bytes(any()), codes: () => bytes(utf8(body())) }[what]());
    return { body: all.join('\n') + '\n' };
}
