#!/bin/sh
# SPDX-License-Identifier: MIT
# Every rule of lint fails when it is broken, and names what broke it: in a copy
# of the tree, one breach after the other.
# SECONDS: 900
. "$(dirname "$0")/../e2e/lib.sh"
tree=$TMP/tree
mkdir "$tree"
if ! git -C "$ROOT" rev-parse --git-dir >/dev/null 2>&1; then
    skip "every rule of lint names what breaks it" "git: this tree is no repository"
    finish
fi
# As it is, committed or not; the tool that it needs is built already.
(cd "$ROOT" && git ls-files --cached --others --exclude-standard &&
    ls build/tools/policyc) 2>/dev/null | (cd "$ROOT" && while read -r f; do [ ! -f "$f" ] || echo "$f"; done) |
    tar -C "$ROOT" -cf - -T - | tar -C "$tree" -xf -
cd "$tree" || exit 1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE # of a hook that runs this
git init -q . && git add -A &&
    git -c user.name=test -c user.email=test@localhost commit -qm tree || exit 1

lint() {
    status=0
    tools/lint/run "$1" >"$TMP/said" 2>&1 || status=$?
    is "$1: a broken rule fails" "$status" 1
}
named() { like "$1" "$(cat "$TMP/said")" "$2"; }
mend() { git reset -q --hard && git clean -fdq; }
# Words that the rules look for must not stand in this file.
word() { printf '%s%s' "$1" "$2"; }
spdx='// SPDX-License-Identifier: MIT'

# ---- text ------------------------------------------------------------------------------
echo 'int a;' >base/nospdx.c
{ echo "$spdx" && awk 'BEGIN { for (i = 0; i < 600; i++) print "int a" i ";" }'; } >base/long.c
{ echo "$spdx" && echo 'int f(void)' && echo '{' &&
    awk 'BEGIN { for (i = 0; i < 81; i++) print "    a();" }' && echo '}'; } >base/function.c
printf '%s\n/* %s */\n' "$spdx" "$(word TO DO)" >base/later.c
printf '%s\n/* %s */\n' "$spdx" "$(word 'for ' now)" >base/meanwhile.c
printf '%s\n#ifdef __%s__\n#endif\n' "$spdx" x86_64 >base/machine.c
printf '%s\n/* %s/base */\n' "$spdx" "$tree" >base/place.c
printf 'all:\n' >tools/none.mk
lint text
named "a file without a licence is named" '^base/nospdx.c: no SPDX line'
named "so is one in make" '^tools/none.mk: no SPDX line'
named "a file of more than 600 lines is" '^base/long.c: 601 lines, at most 600'
named "a function of more than 80 lines is" '^base/function.c:3: function of 81 lines, at most 80'
named "unfinished work is" "^base/later.c:2:"
named "in other words as well" '^base/meanwhile.c:2:'
named "an architecture outside of its folder is" '^base/machine.c:2: architecture #ifdef'
named "a place on this machine is" '^base/place.c:2:.*a place on this machine'
mend

# ---- who includes whom, headers ----------------------------------------------------------
sed -i '2i #include "tender/core/gmem.h"' daemon/main.c
sed -i '2i #include "daemon/daemon.h"' tender/main.c
sed -i '2i #include "err.h"' base/text.c
mkdir extra && echo "$spdx" >extra/a.c
lint layers
named "a daemon that includes the tender is named" '^daemon/main.c:2: daemon may not include tender'
named "so is a tender that includes the daemon" '^tender/main.c:2: tender may not include daemon'
named "a path that does not start at the root is" '^base/text.c:2: include paths start at the root'
named "a folder without a layer is" '^extra/a.c: folder extra is not in'
mend
find . -name '*.h' ! -path './abi/*' ! -path './.git/*' -delete
printf '%s\nvoid f(size_t n);\n' "$spdx" >abi/needs.h
lint headers
named "a header that needs another one is named" '^abi/needs.h: does not compile by itself'
mend

# ---- sh, spelling ------------------------------------------------------------------------
rm tests/e2e/[1-9]*.sh tests/beds/*.sh tests/build/*.sh
cp tests/e2e/00-lib.sh tests/e2e/01-short.sh && echo 'true' >>tests/e2e/01-short.sh
# shellcheck disable=SC2016
printf '#!/bin/sh\n# SPDX-License-Identifier: MIT\ncd $1\n' >tools/careless && chmod +x tools/careless
chmod -x tools/install
if command -v shellcheck >/dev/null; then
    lint shell
    named "what shellcheck finds is named" '^tools/careless:3:.*SC2086'
    named "a script that cannot be executed is" '^tools/install: not executable'
    named "a test that does not finish is" '^tests/e2e/01-short.sh: does not end with finish'
else
    skip "scripts are checked" "lint: no shellcheck"
fi
mend
echo "The function is $(word t eh) best." >docs/spelt.md
if command -v codespell >/dev/null; then
    lint spelling
    named "a word that is none is named" '^docs/spelt.md:1: '
else
    skip "words are checked" "lint: no codespell"
fi
mend

# ---- policies ----------------------------------------------------------------------------
kvm=tender/jail/policy/x86_64/kvm.policy
sed -i 's/^lseek /lseeek /; s/^close  *#.*/close/; s/^recvmsg.*/&\n&/' $kvm
printf 'getpid # a reason\ngetuid # a reason\n' >>tender/jail/policy/aarch64/proc.policy
rm tender/jail/policy/x86_64/guest.policy
lint policy
named "a system call without a reason is named" "^$kvm:[0-9]+: no reason"
named "a line that stands twice is" "^$kvm: stands twice: recvmsg$"
named "one that is no system call is" "^$kvm:[0-9]+: no system call of this architecture: lseeek"
named "one too many is" 'aarch64/proc.policy: 18 system calls, at most 16'
named "a policy of one architecture only is" 'aarch64/guest.policy: has no x86_64 sibling'
mend

# ---- documents ---------------------------------------------------------------------------
sed -i '/^- `dist\/`/d; s/^- `cli\/`/- `clu\/`/' ARCHITECTURE.md
# shellcheck disable=SC2016
printf 'See `%s()`, `%s`, `docs/none.md`, [it](none.md).\n' \
    "$(word no_such_ function)" "$(word NO_SUCH_ STATE)" >docs/says.md
sed -i 's/^| `IDLE` .*/| `IDLE` | | | | | | | | |/' docs/lifecycle.md
lint docs
named "a folder that the map leaves out is named" '^ARCHITECTURE.md: the folder map has no line for dist/'
named "one that does not exist is" '^ARCHITECTURE.md: names folder clu/'
named "a function that does not exist is" '^docs/says.md: names no_such_.*\(\)'
named "a name that does not exist is" '^docs/says.md: names NO_SUCH_[A-Z]+,'
named "a file that does not exist is" '^docs/says.md: names docs/none.md'
named "a link that leads nowhere is" '^docs/says.md: links to none.md'
named "another table of states than the code's is" '^docs/lifecycle.md: the table of states'
mend

# ---- promises ----------------------------------------------------------------------------
sed -i 's/^\(| F1 .*\)| 63 |/\1| 64 |/; s/^\(| F6 .*\)| 3 s |/\1| 4 s |/; s/^| F3 /| F2 /
    s/^\(| F16 .*\)UF_LOG_LIMIT/\1UF_NO_LIMIT/; s/^\(| F22 .*\)abi\/image.h/\1abi\/none.h/
    s/names are dns labels/names are labels/; s/test_scale.c/test_none.c/
    s/a smashed stack/a stack/; s/others can reach is refused/others can reach is fine/
    s/^\(| I2 .*\)an event finds/\1no event finds/; s/^| H1 .*/| H1 | 200 | always | by faith |/
    s/bench: pss.100 <=6/bench: pss.200 <=6/; s/| 1.4 | bench/| 1.5 | bench/' SPECIFICATION.md
sed -i 's/^| 24 | 32 | checksum/| 28 | 32 | checksum/' docs/snapshot-format.md
sed -i '/^| `KV_INCR`/d; s/^\(| `BAD_DOOR` .*\)| 502 |/\1| 500 |/' docs/abi.md
sed -i 's/define UF_SNAPSHOT_VERSION 1u/define UF_SNAPSHOT_VERSION 2u/' abi/snapshot.h
lint promises
named "a number that is not the code's is named" '^SPECIFICATION.md:[0-9]+: 64 is not FUNCTION_NAME_MAX'
named "so is a time" '^SPECIFICATION.md:[0-9]+: 4 s is not FUNCTION_TIMEOUT_NS'
named "and a number that has changed in the code" ': 1 is not UF_SNAPSHOT_VERSION'
named "a constant that does not exist is" '^SPECIFICATION.md:[0-9]+: .UF_NO_LIMIT. undeclared'
named "a file that does not exist is" '^SPECIFICATION.md:[0-9]+: names abi/none.h'
named "a sentence that no unit test says is" 'test_function.c does not say "names are labels"'
named "nor any other test" '22-limits.sh does not say "without a password, an address that others can reach is fine"'
named "nor any guest" 'tests/guest/pristine-crash does not say "no event finds'
named "a test that does not exist is" '^SPECIFICATION.md:[0-9]+: names tests/unit/test_none.c'
named "a promise without a test is" '^SPECIFICATION.md:[0-9]+: H1 names no test'
named "a number of two promises is" '^SPECIFICATION.md:[0-9]+: F2 is the number of another'
named "a row that nobody measures is" 'bench does not say "pss.200 <=6"'
named "a target that is another one is" 'the target of kvm.1 bare.1<=1.4 is another one'
named "a field that lies elsewhere is" '^docs/snapshot-format.md:[0-9]+: struct uf_snapshot has checksum elsewhere'
named "a line of a list that is left out is" '^docs/abi.md:[0-9]+: not what UF_DOOR_OPS has there: KV_INCR'
named "one that is another is" '^docs/abi.md:[0-9]+: not what UF_OUTCOMES has there: BAD_DOOR'
mend

# ---- clang ---------------------------------------------------------------------------------
PATH=/usr/lib/llvm-14/bin:$PATH
case $(clang-format --version 2>/dev/null) in
*'version 14.'*)
    printf '%s\nint  a ;\n' "$spdx" >base/ugly.c
    lint format
    named "what clang-format would write in another way is named" '^base/ugly.c:2:.*not as clang-format'
    mend
    ;;
*) skip "format is checked" "lint: no clang-format 14" ;;
esac
case $(clang-tidy --version 2>/dev/null) in
*'version 14.'*)
    printf '%s\nint f(int a);\nint f(int a)\n{\n    if (a)\n        return 1;\n    else\n        return 2;\n}\n' \
        "$spdx" >base/odd.c
    tools/lint/tidy base/odd.c >"$TMP/said" 2>&1
    named "what clang-tidy finds is named" '^base/odd.c:[0-9]+:[0-9]+: (warning|error): '
    ;;
*) skip "clang-tidy looks" "lint: no clang-tidy 14" ;;
esac
cd "$ROOT" || exit 1
finish
