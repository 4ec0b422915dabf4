// SPDX-License-Identifier: MIT
// js-crypto-load: what may become a key is refused while the script loads
const id = crypto.randomUUID();

function main() {
    return id;
}
