// SPDX-License-Identifier: MIT
// js-text: text is encoded and decoded as the Encoding standard has it
// With tests/guest/check.js before it.
const hex = (text) => new Uint8Array(text.split(' ').map((b) => parseInt(b, 16)));
const decode = (text, options) => new TextDecoder('utf-8', options).decode(hex(text));

function main() {
    const encoder = new TextEncoder();
    is('encode', encoder.encode('aü€😀').join(), '97,195,188,226,130,172,240,159,152,128');
    is('a lone surrogate', encoder.encode('\ud800x').join(), '239,191,189,120');
    is('nothing', encoder.encode().length, 0);
    const into = new Uint8Array(6);
    const { read, written } = encoder.encodeInto('aü😀', into);
    is('encodeInto', [read, written, into.join()].join(), '2,3,97,195,188,0,0,0');

    is('decode', decode('61 c3 bc e2 82 ac f0 9f 98 80'), 'aü€😀');
    is('NUL', decode('61 00 62'), 'a\0b');
    is('a byte that begins nothing', decode('ff 61'), '\ufffda');
    is('overlong', decode('c0 af e0 80 af'), '\ufffd'.repeat(5));
    is('a surrogate', decode('ed a0 80'), '\ufffd'.repeat(3));
    is('cut', decode('f0 9f 98'), '\ufffd');
    is('cut by a letter', decode('e2 82 61'), '\ufffda');
    is('beyond', decode('f4 90 80 80'), '\ufffd'.repeat(4));
    is('BOM', decode('ef bb bf 61'), 'a');
    is('BOM kept', decode('ef bb bf 61', { ignoreBOM: true }), '\ufeffa');
    is('a second BOM', decode('ef bb bf ef bb bf'), '\ufeff');
    refuses('fatal', 'TypeError', () => decode('ff', { fatal: true }));
    refuses('fatal and cut', 'TypeError', () => decode('e2 82', { fatal: true }));
    refuses('latin1', 'RangeError', () => new TextDecoder('latin1'));
    refuses('no bytes', 'TypeError', () => new TextDecoder().decode('text'));
    is('a view', new TextDecoder().decode(new DataView(hex('61 62 63').buffer, 1, 1)), 'b');

    const stream = new TextDecoder();
    const parts = ['ef bb', 'bf f0', '9f 98', '80 e2'].map((p) => stream.decode(hex(p), { stream: true }));
    is('a stream', parts.join('|') + '|' + stream.decode(), '|||😀|\ufffd');
    is('and anew', stream.decode(hex('61')), 'a');
    const strict = new TextDecoder('utf8', { fatal: true });
    strict.decode(hex('e2'), { stream: true });
    refuses('a stream that ends early', 'TypeError', () => strict.decode());

    is('btoa', ['', 'M', 'Ma', 'Man', 'Many', '\xff\xfe'].map(btoa).join(), ',TQ==,TWE=,TWFu,TWFueQ==,//4=');
    is('atob', ['TQ==', 'TQ', ' TW E=', 'TWFu'].map(atob).join(), 'M,M,Ma,Man');
    is('atob of all', Array.from({ length: 256 }, (_, i) => i).every((i) =>
        atob(btoa(String.fromCharCode(i, 255 - i))) === String.fromCharCode(i, 255 - i)), true);
    for (const text of ['Z', 'Zg=', 'Zg===', 'Z!==', '=Zg=', 'Zm8-'])
        refuses(`atob ${text}`, 'InvalidCharacterError', () => atob(text));
    refuses('btoa', 'InvalidCharacterError', () => btoa('€'));
    return bad.join('; ') || 'ok';
}
