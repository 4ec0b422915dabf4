// SPDX-License-Identifier: MIT
// js-unhandled-handled: a rejection that is handled before the event ends is none
Map.prototype.set = Map.prototype.delete = Map.prototype.forEach = () => { throw new Error('not yours'); };
async function main() {
    const early = Promise.reject(new Error('early'));
    const many = Array.from({ length: 20000 }, (_, i) => Promise.reject(i));
    await new Promise((done) => setTimeout(done, 2));
    const settled = await Promise.allSettled(many);
    return early.catch((e) => `${e.message} ${settled.length}`);
}
