// SPDX-License-Identifier: MIT
// js-params: OpenWhisk's parameters are the query's, and the body's over them
function main(params) {
    return { body: params };
}
