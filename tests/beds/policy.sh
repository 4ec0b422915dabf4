#!/bin/sh
# SPDX-License-Identifier: MIT
# Every line of the system call policies is needed here; $1 has the tenders.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
folder=$ROOT/$1
# shellcheck source=tests/policy/lines.sh
. "$ROOT/tests/policy/lines.sh"
finish
