// SPDX-License-Identifier: MIT
// js-unhandled-several: of several rejections that nobody handles the first is told, with their number
async function refuse(n) {
    throw new RangeError(`no ${n}`);
}
function main() {
    const all = [1, 2, 3, 4, 5].map(refuse);
    all[0].catch(() => 'handled');
    all[3].catch(() => 'handled');
    return 'fine';
}
