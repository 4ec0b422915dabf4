// SPDX-License-Identifier: MIT
// webhook: take what another service sends, if it is signed with the key that both
// know. The header X-Hub-Signature-256 is "sha256=" and the HMAC of the body in hex, as
// GitHub and many others send it. The key: unifaas secret create webhook-key
function bytesOf(hex) {
    return new Uint8Array((hex.match(/../g) ?? []).map((two) => parseInt(two, 16)));
}

export default async (event) => {
    const signature = /^sha256=([0-9a-f]{64})$/.exec(event.headers['x-hub-signature-256'] ?? '')?.[1];
    if (signature === undefined)
        return { statusCode: 400, body: 'webhook: there is no signature\n', headers: { 'content-type': 'text/plain' } };
    const key = await crypto.subtle.importKey('raw', secret('webhook-key', 'bytes'),
        { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
    // Over the bytes as they came, before anybody reads them; and verify() takes as
    // long for a signature that is nearly right.
    if (!await crypto.subtle.verify('HMAC', key, bytesOf(signature), event.bytes()))
        return { statusCode: 403, body: 'webhook: the signature is wrong\n', headers: { 'content-type': 'text/plain' } };
    const { action = 'nothing' } = event.json();
    console.info('signed:', action);
    return { body: { accepted: action } };
};
