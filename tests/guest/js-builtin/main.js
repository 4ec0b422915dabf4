// SPDX-License-Identifier: MIT
// js-builtin: a built-in of Node that is not here is refused by name
import { readFileSync } from 'node:fs';
export const main = () => readFileSync('/etc/passwd');
