// SPDX-License-Identifier: MIT
// js-capture: error classes that call Error.captureStackTrace work
class Failure extends Error {
    constructor(message) {
        super(message);
        Error.captureStackTrace(this, this.constructor);
    }
}
function main() {
    const bare = {};
    Error.captureStackTrace(bare);
    try {
        throw new Failure('its message');
    } catch (e) {
        return { body: [e instanceof Failure, e.message, e.stack.includes('main'), bare.stack.includes('main')] };
    }
}
