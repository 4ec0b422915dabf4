// SPDX-License-Identifier: MIT
// js-throw: what a script throws is an error with its message and stack
function inner(v) {
    throw new TypeError(`no good: ${v}`);
}
exports.main = async ({ v }) => {
    await null;
    inner(v);
};
