// SPDX-License-Identifier: MIT
// js-types: the content-type says whether a text in an answer stands for bytes
function main({ type }) {
    return { headers: { 'content-type': type }, body: 'aGk=' };
}
