// SPDX-License-Identifier: MIT
// js-throw-behind: of an error what it came of is told, and of an object its members
function low() {
    throw new TypeError('low');
}
const ways = {
    cause() {
        try {
            low();
        } catch (e) {
            throw new Error('high', { cause: new RangeError('middle', { cause: e }) });
        }
    },
    any: () => Promise.any([Promise.reject(new Error('one')), Promise.reject('two')]),
    object() { throw { code: 7, of: ['a'] }; },
    list() { throw [1, { a: 1 }]; },
    endless() {
        const e = new Error('x');
        e.errors = [e, e, e];
        throw e;
    },
    large() { throw { text: 'ü'.repeat(100000) }; },
    cycle() {
        const o = {};
        o.o = o;
        throw o;
    },
    own() { throw { toString: () => 'own words' }; },
};
exports.main = ({ way }) => ways[way]();
