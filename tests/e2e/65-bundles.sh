#!/bin/sh
# SPDX-License-Identifier: MIT
# Packages and TypeScript, bundled; where stacks point; what is refused by name.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2119
. "$(dirname "$0")/lib.sh"
uf=$BIN/unifaas
cd "$TMP" || exit 1
mkdir tmp
TMPDIR=$TMP/tmp
export TMPDIR

err() { cat "$TMP/err"; }
out() { cat "$TMP/out"; }
sdk=$ROOT/build/sdk

if [ ! -f "$sdk/$(uname -m)/javascript.elf" ]; then
    skip "scripts are bundled" "javascript: the engine could not be fetched"
    finish
    exit
fi

# ---- Node's built-ins, without any bundler ----------------------------------------------
echo "import fs from 'node:fs'; export default () => fs;" >reads.mjs
exits "an import of a built-in of Node's is refused" 1 "$uf" run reads.mjs
like "... by its name, with what to use instead" "$(err)" \
    'reads\.mjs: "node:fs" is Node.s own and not here; use kv, or an import of a \.json file'
echo "const { readFile } = require('fs/promises'); exports.main = () => readFile;" >reads.js
exits "... and so is a require() of what is below one" 1 "$uf" run reads.js
like "... by its name" "$(err)" '"fs/promises" is Node.s own'
echo "exports.main = require('left-pad');" >pads.js
exits "a package beside a script alone is refused" 1 "$uf" run pads.js
like "... by its name, with the way out" "$(err)" \
    'pads\.js: package "left-pad" is not here; npm install it in a folder of the function.s own'
if command -v node >/dev/null; then
    left=$(node -p 'require("module").builtinModules.filter(n => n[0] !== "_").join("\n")' |
        sed 's/^node://; s|/.*||' | sort -u | while read -r name; do
        grep -q "^$name	." "$ROOT/runtime/javascript/builtins.txt" || echo "$name"
    done)
    is "all that Node has is in the table" "$left" ""
else
    skip "all that Node has is in the table" "node: it is not installed"
fi

# ---- no bundler ---------------------------------------------------------------------------
printf 'interface Params { n: number }\nfunction main(params: Params) {\n    return { body: 2 * params.n };\n}\n' \
    >twice.ts
mkdir bare bare/sdk
cp -r "$sdk/$(uname -m)" "$sdk/include" bare/sdk/
exits "without esbuild TypeScript is refused" 5 env UNIFAAS_SDK="$TMP/bare/sdk" PATH=/nonexistent \
    "$uf" run twice.ts
like "... and what to install is told" "$(err)" \
    'need esbuild, which is neither in the SDK at .* nor in \$PATH; to install it: npm install --global esbuild'
program=$sdk/javascript/esbuild-$(uname -m)
if [ ! -x "$program" ]; then
    skip "TypeScript and packages are bundled" "esbuild: npm could not fetch it (make esbuild says why)"
    finish
    exit
fi
mkdir path
cp "$program" path/esbuild
is "esbuild of \$PATH does as well" "$(UNIFAAS_SDK=$TMP/bare/sdk PATH=$TMP/path \
    "$uf" run twice.ts -d '{"n": 4}' 2>/dev/null)" 8
is "the bundler is the version that is pinned" "$("$program" --version)" \
    "$(sed -n 's/.*"@esbuild\/linux-x64": "\(.*\)".*/\1/p' "$ROOT/tools/esbuild/package.json")"
is "... and its lock names no place" "$(grep -c '://' "$ROOT/tools/esbuild/package-lock.json")" 0

# ---- TypeScript -----------------------------------------------------------------------------
is "a script in TypeScript runs alone" "$("$uf" run twice.ts -d '{"n": 21}' 2>/dev/null)" 42
cat >event.ts <<'TS'
const prefix: string = await Promise.resolve('body: ');
export default async (event: { text(): string }): Promise<string> => prefix + event.text();
TS
is "... and so does a module, with export default and await" "$("$uf" run event.ts -d x 2>/dev/null)" 'body: x'
printf 'function main(params: any) {\n    return {;\n}\n' >wrong.ts
exits "a syntax error ends the build" 5 "$uf" run wrong.ts
like "... with file, line and column" "$(err)" '^wrong\.ts:2:12: error: '
like "... and a mark below them" "$(err)" '~|\^'
exits "unifaas new writes a function in TypeScript" 0 "$uf" new typed --lang typescript
is "... which runs as it is" "$("$uf" run typed -d you 2>/dev/null)" "Hello, you!"
mkdir types
echo 'lang: javascript' >types/function.yaml
exits "a folder of TypeScript" 5 "$uf" build types
mkdir types/lib
cat >types/main.ts <<'TS'
import { check, type Sample } from './lib/check';
import limits from './limits.json';

console.log('loaded');

export function main(params: Sample) {
    const at = new Error('looked here');
    if (params.quiet !== true)
        console.error(at);
    return { body: check(params, limits.most) };
}
TS
cat >types/lib/check.ts <<'TS'
export interface Sample {
    value: number;
    quiet?: boolean;
}

type Check = (s: Sample, most: number) => string;

export const check: Check = (s, most) => {
    if (s.value > most)
        throw new RangeError(`${s.value} is above ${most}`);
    return 'fine';
};
TS
echo '{"most": 10}' >types/limits.json
exits "... with files that import each other runs" 0 "$uf" run types -d '{"value": 3}'
is "... and answers" "$(out)" fine
like "an error that is logged points into the author's file" "$(err)" 'at main \(main\.ts:7:'
exits "one that is thrown ends it" 1 "$uf" run types -d '{"value": 30, "quiet": true}'
like "... with its message" "$(err)" 'RangeError: 30 is above 10'
like "... where it was thrown, in a file that was imported" "$(err)" '^    at check \(lib/check\.ts:10:'
like "... and by whom that was called" "$(err)" '^    at main \(main\.ts:10:'
unlike "... and nothing of the bundle" "$(err)" 'bundle'
sed -i "1i while ((globalThis as any).stuck) Math.abs(1);" types/lib/check.ts
printf '(globalThis as any).stuck = 1;\nawait import("./lib/check");\nexport const main = () => 1;\n' >types/stuck.ts
exits "a loop that never ends" 8 "$uf" run types/stuck.ts --timeout 1s
like "... is found in the author's file" "$(err)" '^    at .*\((types/)?lib/check\.ts:1:'
rm types/stuck.ts
sed -i 1d types/lib/check.ts
touch -d '1 minute ago' types/*.ts types/*/*.ts types/*.json types/*.yaml
exits "what has not changed" 0 "$uf" run types -d '{"value": 3}'
unlike "... is not built again" "$(err)" 'built'
sed -i 's/fine/good/' types/lib/check.ts
is "what has is" "$("$uf" run types -d '{"value": 3}' 2>/dev/null)" good
mkdir shared
echo 'export const unit = " mm";' >shared/unit.ts
sed -i '1i import { unit } from "../shared/unit";' types/main.ts
sed -i 's/check(params, limits.most) }/check(params, limits.most) + unit }/' types/main.ts
is "a file outside of the folder may be imported" "$("$uf" run types -d '{"value": 3}' 2>/dev/null)" 'good mm'
exits "... and while it stays" 0 "$uf" run types -d '{"value": 3}'
unlike "... nothing is built again" "$(err)" 'built'
sed -i 's/mm/cm/' shared/unit.ts
is "... but when it changes" "$("$uf" run types -d '{"value": 3}' 2>/dev/null)" 'good cm'
mkdir -p elsewhere
cp -r types shared elsewhere/
"$uf" build types -o one.img >/dev/null
(cd elsewhere/types && "$uf" build -o ../../two.img >/dev/null)
t "the same sources give the same bytes, wherever they lie" cmp one.img two.img
printf 'import { createHash } from "node:crypto";\nexport default () => createHash("md5");\n' >hash.ts
exits "a built-in of Node's is refused when it is built" 5 "$uf" build hash.ts
like "... by its name, with line and what to use" "$(err)" \
    '^hash\.ts:1:2[0-9]: error: "node:crypto" is Node.s own and not here; use the global crypto'
printf 'import x from "./gone";\nexport default () => x;\n' >lost.ts
exits "a file that is not there ends the build" 5 "$uf" build lost.ts
like "... with its name and who asks" "$(err)" '^lost\.ts:1:[0-9]+: error: there is no file \./gone'

# ---- packages -------------------------------------------------------------------------------
mkdir -p packed
echo 'lang: javascript' >packed/function.yaml
echo '{"private": true, "dependencies": {"halver": "1.0.0", "adder": "1.0.0"}}' >packed/package.json
cat >packed/main.js <<'JS'
const { halve } = require('halver');
const { add } = require('adder');
function main(params) {
    return { body: add(halve(params.n), 1) };
}
JS
exits "a package that is not installed is refused" 5 "$uf" run packed
like "... with where it is asked for, its name and the way out" "$(err)" \
    '^packed/main\.js:1:26: error: package "halver" is not installed; npm install'
mkdir -p packed/node_modules/halver packed/node_modules/adder
echo '{"name": "halver", "version": "1.0.0", "main": "lib.js"}' >packed/node_modules/halver/package.json
cat >packed/node_modules/halver/lib.js <<'JS'
let zlib;
try { zlib = require('zlib'); } catch (e) { zlib = undefined; }
exports.halve = (n) => {
    if (n % 2)
        throw new TypeError('odd');
    return n / 2;
};
JS
echo '{"name": "adder", "version": "1.0.0", "type": "module", "exports": "./index.mjs"}' \
    >packed/node_modules/adder/package.json
echo 'export const add = (a, b) => a + b;' >packed/node_modules/adder/index.mjs
exits "packages are bundled into an action" 0 "$uf" run packed -d '{"n": 10}'
is "... CommonJS and modules, and one that can do without a built-in" "$(out)" 6
exits "an exception in a package" 1 "$uf" run packed -d '{"n": 11}'
like "... names the package's file and line" "$(err)" 'at .*\(node_modules/halver/lib\.js:5:'
printf 'import { halve } from "halver";\nexport const main = ({ n }) => ({ body: halve(n) });\n' \
    >packed/main.js
sed -i 's/n % 2/n % 3/' packed/node_modules/halver/lib.js
exits "a package that was edited where it lies" 1 "$uf" run packed -d '{"n": 10}'
like "... is bundled again" "$(err)" 'built'
sed -i 's/n % 3/n % 2/' packed/node_modules/halver/lib.js
is "a module imports packages, too" "$("$uf" run packed -d '{"n": 10}' 2>/dev/null)" 5
echo "require('net'); exports.halve = (n) => n / 2;" >packed/node_modules/halver/lib.js
touch packed/package.json
exits "a package that needs a built-in is refused" 5 "$uf" build packed
like "... with the file that needs it" "$(err)" \
    '^packed/node_modules/halver/lib\.js:1:8: error: "net" is Node.s own and not here; use fetch'
echo 'import { add } from "adder/inside"; export const main = add;' >packed/main.js
exits "what a package keeps for itself is refused" 5 "$uf" build packed
like "... which is told from one that is missing" "$(err)" \
    '^packed/main\.js:1:20: error: "adder/inside" is none of what its package exports'
like "... with the place that says so" "$(err)" \
    '^packed/node_modules/adder/package\.json:1:[0-9]+: note: The path "\./inside" is not exported'
mkdir packed/node_modules/dual
cat >packed/node_modules/dual/package.json <<'JSON'
{"name": "dual", "version": "1.0.0", "browser": {"fs": false, "./node.js": "./web.js"}, "main": "index.js",
    "exports": {".": {"types": "./gone.d.ts", "node": "./node.js", "browser": "./index.js", "default": "./node.js"}}}
JSON
echo "require('fs'); module.exports = require('./node.js') + process.env.NODE_ENV;" \
    >packed/node_modules/dual/index.js
echo "require('crypto');" >packed/node_modules/dual/node.js
echo "module.exports = typeof self.fetch;" >packed/node_modules/dual/web.js
printf 'import dual from "dual";\nexport const main = () => ({ body: dual });\n' >packed/main.js
is "of a package that has a part for browsers that is taken" \
    "$("$uf" run packed -e NODE_ENV=-test 2>/dev/null)" 'function-test'
echo 'exports.id = `${Math.random()} ${crypto.randomUUID()}`;' >packed/node_modules/halver/lib.js
echo 'import { id } from "halver"; export const main = () => ({ body: id });' >packed/main.js
exits "a package that makes keys while it is loaded is refused" 1 "$uf" run packed
like "... with where, and the way out" "$(err)" \
    'crypto: not while the script loads, .* or import\(\) there the package that calls it$'
echo 'export const main = async () => ({ body: (await import("halver")).id });' >packed/main.js
like "... which is one" "$("$uf" run packed 2>/dev/null)" '^0\.[0-9]+ [0-9a-f-]{36}$'
echo 'exports.main = () => ({ body: require("halver").id });' >packed/main.js
like "... with require() as well" "$("$uf" run packed 2>/dev/null)" '^0\.[0-9]+ [0-9a-f-]{36}$'
is "nothing is left of what lies in between" "$(ls tmp)" ""

# ---- deployed ---------------------------------------------------------------------------------
start_daemon
exits "TypeScript is deployed" 0 "$uf" deploy types
code=$(code_of "$GATEWAY/function/types" -H 'Content-Type: application/json' -d '{"value": 50}')
is "an exception is a 500" "$code" 500
t "... and the log has the stack" eventually 10 sh -c '"$1" logs types | grep -q "check (lib/check\.ts:10:"' - "$uf"
exits "what cannot be bundled is not deployed" 5 "$uf" deploy hash.ts
is "... and isn't there" "$(code_of "$GATEWAY/function/hash")" 404
stop_daemon
finish
