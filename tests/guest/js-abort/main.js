// SPDX-License-Identifier: MIT
// js-abort: signals abort, and say why
// With tests/guest/check.js before it.
async function main() {
    const c = new AbortController();
    const seen = [];
    c.signal.onabort = (e) => seen.push('on' + e.type);
    c.signal.addEventListener('abort', { handleEvent: (e) => seen.push(e.target === c.signal) }, { once: true });
    const gone = () => seen.push('removed');
    c.signal.addEventListener('abort', gone);
    c.signal.removeEventListener('abort', gone);
    is('not yet', c.signal.aborted, false);
    c.signal.throwIfAborted();
    c.abort();
    c.abort('again');
    is('events', seen.join(), 'onabort,true');
    is('reason', c.signal.reason instanceof DOMException && c.signal.reason.name, 'AbortError');
    is('code', c.signal.reason.code, 20);
    refuses('throwIfAborted', 'AbortError', () => c.signal.throwIfAborted());
    is('a reason', AbortSignal.abort('why').reason, 'why');
    const t = AbortSignal.timeout(5);
    const any = AbortSignal.any([new AbortController().signal, t]);
    const e = await new Promise((resolve) => any.addEventListener('abort', () => resolve(any.reason)));
    is('timeout', e.name + t.aborted + e.code, 'TimeoutErrortrue23');
    is('any', AbortSignal.any([t]).reason, e);
    const late = AbortSignal.timeout(2 ** 31);
    await new Promise((resolve) => setTimeout(resolve, 5));
    is('timeout of more than a timer can', late.aborted, false);
    refuses('new', 'TypeError', () => new AbortSignal());
    refuses('timeout -1', 'TypeError', () => AbortSignal.timeout(-1));

    const target = new EventTarget();
    const calls = [];
    target.addEventListener('x', (ev) => { calls.push(1); ev.preventDefault(); ev.stopImmediatePropagation(); });
    target.addEventListener('x', () => calls.push(2));
    is('prevented', target.dispatchEvent(new Event('x', { cancelable: true })), false);
    is('stopped', calls.join(), '1');
    is('no other', target.dispatchEvent(new Event('y')), true);
    refuses('dispatch', 'TypeError', () => target.dispatchEvent({ type: 'x' }));
    return bad.join('; ') || 'ok';
}
