// SPDX-License-Identifier: MIT
// js-url: URLs are read and written as the URL standard has it
// With tests/guest/check.js before it.
const href = (url, base) => (URL.canParse(url, base) ? new URL(url, base).href : 'none');
const cases = [
    ['HTTP://User:pa%20ss@EXAMPLE.org:80/a/../b?c#d', 'http://User:pa%20ss@example.org/b?c#d'],
    ['https://example.org:443', 'https://example.org/'],
    ['https://example.org:8443/%7ea b"<>`{}^|', 'https://example.org:8443/%7ea%20b%22%3C%3E%60%7B%7D%5E|'],
    ['  http://a/b\tc\n ', 'http://a/bc'],
    ['http:\\\\a\\b', 'http://a/b'], ['http:a', 'http://a/'], ['http:///a', 'http://a/'],
    ['http://a/ü?ü\'#ü', 'http://a/%C3%BC?%C3%BC%27#%C3%BC'],
    ['http://a@b@c/', 'http://a%40b@c/'], ['http://a:b:c@d/', 'http://a:b%3Ac@d/'],
    ['http://%41.b/', 'http://a.b/'], ['http://a/.%2e/%2E/b/.', 'http://a/b/'],
    ['http://0x7f.1/', 'http://127.0.0.1/'], ['http://2130706433', 'http://127.0.0.1/'],
    ['http://010.1.1.1/', 'http://8.1.1.1/'], ['http://1.2.3.4./', 'http://1.2.3.4/'],
    ['http://[1:0:0:2:0:0:0:3]/', 'http://[1:0:0:2::3]/'], ['http://[::1.2.3.4]:1/', 'http://[::102:304]:1/'],
    ['http://[::]/', 'http://[::]/'], ['http://[1:2:3:4:5:6:7::]/', 'http://[1:2:3:4:5:6:7:0]/'],
    ['mailto:a@b c', 'mailto:a@b c'], ['data:text/plain,x y#z', 'data:text/plain,x y#z'],
    ['foo://Bar:80/../a?b\'', 'foo://Bar:80/a?b\''], ['foo:/a/b', 'foo:/a/b'], ['foo:/..//b', 'foo:/.//b'],
    ['file:///a/b', 'file:///a/b'], ['file://localhost/a', 'file:///a'], ['file:a', 'file:///a'],
    ['http://', 'none'], ['http://a b/', 'none'], ['http://a:65536/', 'none'], ['http://a:x/', 'none'],
    ['http://1.2.3.256/', 'none'], ['http://1.2.3.4.5/', 'none'], ['http://[1::2::3]/', 'none'],
    ['http://[::1/', 'none'], ['http://[12345::]/', 'none'], ['http://a%00b/', 'none'], ['http://a@/', 'none'],
    ['http://:80/', 'none'], ['/a', 'none'], ['', 'none'], ['//a', 'none'], ['http://a<b/', 'none'],
    ['http://[::1]x/', 'none'], ['http://08/', 'none'],
];
const relative = [
    ['g', 'http://a/b/c/g'], ['./g/', 'http://a/b/c/g/'], ['/g', 'http://a/g'], ['//g', 'http://g/'],
    ['?y', 'http://a/b/c/d;p?y'], ['g?y#s', 'http://a/b/c/g?y#s'], ['#s', 'http://a/b/c/d;p?q#s'],
    ['', 'http://a/b/c/d;p?q'], ['.', 'http://a/b/c/'], ['..', 'http://a/b/'], ['../../../g', 'http://a/g'],
    ['http:g', 'http://a/b/c/g'], ['https:g', 'https://g/'], ['\\g', 'http://a/g'], ['foo:g', 'foo:g'],
];

function setters() {
    const u = new URL('http://a/b');
    Object.assign(u, { host: 'x:81', pathname: 'c d', search: 'e=f', hash: 'g', username: 'u:', password: 'p' });
    is('setters', u.href, 'http://u%3A:p@x:81/c%20d?e=f#g');
    Object.assign(u, { protocol: 'https', port: '443', hostname: 'Y', search: '', hash: '' });
    is('more', u.href, 'https://u%3A:p@y/c%20d');
    Object.assign(u, { protocol: 'foo', port: 'x', hostname: '', host: 'a b' });
    is('what makes no sense changes nothing', u.href, 'https://u%3A:p@y/c%20d');
    refuses('href', 'TypeError', () => { u.href = 'nonsense'; });
    u.searchParams.append('ä', '1 &');
    is('searchParams tell the URL', u.search, '?%C3%A4=1+%26');
    const { searchParams } = u;
    u.search = '?z=1';
    is('and the URL them', searchParams.get('z'), '1');
    searchParams.delete('z');
    is('none are left', u.href, 'https://u%3A:p@y/c%20d');
    is('origin', [u.origin, new URL('foo://a').origin].join(), 'https://y,null');
    is('JSON', JSON.stringify({ u }), '{"u":"https://u%3A:p@y/c%20d"}');
    is('parse', URL.parse('x') === null && URL.parse('x', 'http://a').href === 'http://a/x', true);
}

function params() {
    const p = new URLSearchParams('?b=2&a=1+1&b=%zz&c&=&%F0%9F%98%80=%ff');
    is('read', JSON.stringify([...p]), '[["b","2"],["a","1 1"],["b","%zz"],["c",""],["",""],["😀","\ufffd"]]');
    is('written', p.toString(), 'b=2&a=1+1&b=%25zz&c=&=&%F0%9F%98%80=%EF%BF%BD');
    is('get', [p.get('b'), p.getAll('b').join('+'), p.get('x'), p.has('c'), p.has('c', 'd'), p.size].join(), '2,2+%zz,,true,false,6');
    p.set('b', 'x');
    p.delete('c', 'no');
    p.sort();
    is('sorted', [...p.keys()].join(), ',a,b,c,😀');
    is('of an object', String(new URLSearchParams({ a: 1, b: "*-._~'" })), 'a=1&b=*-._%7E%27');
    is('of pairs', String(new URLSearchParams([['a', 'b'], ['a', 'c']])), 'a=b&a=c');
    is('a copy', String(new URLSearchParams(new URLSearchParams('a=1'))), 'a=1');
    refuses('three', 'TypeError', () => new URLSearchParams([['a', 'b', 'c']]));
}

function main() {
    for (const [url, wanted] of cases)
        is(url, href(url), wanted);
    for (const [url, wanted] of relative)
        is(url, href(url, 'http://a/b/c/d;p?q'), wanted);
    is('a base that is opaque', href('x', 'mailto:a') + href('#x', 'mailto:a'), 'nonemailto:a#x');
    is('a host beyond ASCII is not here', href('http://ü.de/'), 'none');
    refuses('nonsense', 'TypeError', () => new URL('nonsense'));
    setters();
    params();
    return bad.join('; ') || 'ok';
}
