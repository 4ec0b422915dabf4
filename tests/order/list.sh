#!/bin/sh
# SPDX-License-Identifier: MIT
# list.sh: prints runtime/javascript/hot.txt anew:
#
#   make all e2e-bin
#   tests/order/list.sh >build/hot.txt && mv build/hot.txt runtime/javascript/hot.txt
#
# What is on it is what events of the scripts in functions/js, and of what unifaas new
# makes, execute and read after init, exactly (steps.c); on stderr, how many pages that
# was. Less than a minute.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
TMP=$(mktemp -d "${TMPDIR:-/tmp}/unifaas-order.XXXXXX")
trap 'rm -rf "$TMP"' EXIT
trap 'exit 130' INT TERM HUP
# shellcheck source=tests/order/lib.sh
. "$ROOT/tests/order/lib.sh"
LC_ALL=C
export LC_ALL
js=$ROOT/functions/js
mkdir "$TMP/names"

# event SCRIPT FUNCTION TYPE BODY ARG...
event() {
    script=$1 function=$2 type=$3 body=$4
    shift 4
    watch "$function" -H "content-type: $type" -d "$body" "$@" >"$TMP/out" 2>"$TMP/err" || {
        echo "list.sh: $script: $(cat "$TMP/err")" >&2
        exit 1
    }
    names >>"$TMP/names/$script"
    echo "$script: $(pages executed) pages of code, $(pages read) of constants" >&2
}
both() { event "$1" "$js/$1.js" text/plain "$2"; event "$1" "$js/$1.js" application/json "$3"; }

both alert 75.5 '{"sensor": "75.5"}'
both fdc 41 '{"counter": 41}'
both fibonacci 3 '{"n": 3}'
both lights true '{"dark": true}'
both time 1700000000000000000 '{"sent": "1700000000000000000"}'
both usecase '99 101.5' '{"readings": "99 101.5"}'
event dhs "$js/dhs.js" text/plain '20 3 24'
event transform "$js/transform.js" application/json '{"readings": [
    {"id": "a", "celsius": 20.5, "at": 1700000000}, {"id": "b", "celsius": 1.25, "at": 1700000001}]}'
(cd "$TMP" && "$ROOT/build/bin/unifaas" new greet --lang javascript >/dev/null)
event new "$TMP/greet" text/plain you

cat <<'END'
# SPDX-License-Identifier: MIT
# What events of scripts execute and read of the engine and the runtime: a name a line.
# javascript.mk has it linked side by side, in this order, so that a cold start touches
# few pages (docs/design/012-hot-code-together.md). First what all scripts have in common,
# then what most have; together what the same scripts need. tests/order/list.sh writes
# this file: after QuickJS was updated, say, or when tests/e2e/68-order.sh fails. A name
# that is gone costs nothing.
END
# Those of the same scripts beside each other.
cd "$TMP/names"
for script in *; do sort -u "$script" | sed "s/\$/ $script/"; done | sort | awk '
    $1 != last { if (last != "") print n, by, last; last = $1; n = 0; by = "" }
    { n++; by = by "+" $2 }
    END { print n, by, last }' | sort -k1,1nr -k2,2 -k3,3 | sed 's/.* //'
