// SPDX-License-Identifier: MIT
// js-clone: structuredClone copies what can be copied, and refuses the rest
// With tests/guest/check.js before it.
function main() {
    const shared = { n: 1 };
    const from = { a: [1, , 'x'], d: new Date(5), r: /a/gi, m: new Map([[shared, new Set([shared])]]), u: undefined,
        b: new Uint8Array([1, 2, 3]).subarray(1), v: new DataView(new ArrayBuffer(4), 1), big: 5n, box: Object('s'), nan: NaN };
    from.self = from;
    const to = structuredClone(from);
    is('another', to !== from && to.self === to, true);
    is('array', to.a.length === 3 && !(1 in to.a) && to.a[2] === 'x', true);
    is('date', to.d.getTime(), 5);
    is('regex', String(to.r), '/a/gi');
    const [[k, set]] = [...to.m];
    is('identity', k !== shared && k.n === 1 && set.has(k), true);
    is('undefined', 'u' in to && to.u === undefined, true);
    is('bytes', to.b.join() + to.b.buffer.byteLength + (to.b.buffer !== from.b.buffer), '2,33true');
    is('view', to.v.byteOffset + to.v.byteLength, 4);
    is('rest', [to.big, typeof to.box, to.box, to.nan].join(), '5,object,s,NaN');
    const e = structuredClone(new RangeError('far', { cause: shared }));
    is('error', e instanceof RangeError && e.message + e.cause.n, 'far1');
    class Point { x = 1; get y() { return 2; } }
    is('a class becomes an object', structuredClone(new Point()).constructor === Object, true);
    is('a getter is read', structuredClone({ get a() { return 7; } }).a, 7);
    is('__proto__', Object.hasOwn(structuredClone(JSON.parse('{"__proto__": 1}')), '__proto__'), true);
    for (const value of [() => 1, Symbol('s'), { f() {} }, Promise.resolve(), new WeakMap(), new URL('http://a'),
        new Headers(), new Request('http://a'), { a: [new Response('x')] }, new (class extends Response {})()])
        refuses(typeof value, 'DataCloneError', () => structuredClone(value));
    refuses('transfer', 'DataCloneError', () => structuredClone(1, { transfer: [new ArrayBuffer(1)] }));
    refuses('nothing', 'TypeError', () => structuredClone());
    return bad.join('; ') || 'ok';
}
