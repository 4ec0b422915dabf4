// SPDX-License-Identifier: MIT
// js-words: what a script throws is told in its own letters, but commands no terminal
function größe(v) {
    throw new Error(v === 'long' ? '€'.repeat(200) : `größer ${v} \u{1f600}\x1b[2J\u009bJ\0.\ud800.`);
}
exports.main = ({ __ow_body }) => größe(__ow_body);
