// SPDX-License-Identifier: MIT
// js-no-handler: a script without a handler is refused with what to write
const answer = 42;
