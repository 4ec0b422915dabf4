// SPDX-License-Identifier: MIT
// js-binary: a body that is no text is base64 in the parameters
function main({ __ow_body, a }) {
    return { body: [__ow_body, a] };
}
