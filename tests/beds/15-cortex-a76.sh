#!/bin/sh
# SPDX-License-Identifier: MIT
# SECONDS: 1200
# Both backends run on an aarch64 processor whose host kernel lives in EL2
# (VHE), as on newer boards, with the kernel of this Debian release: tests/beds/10-aarch64.sh
# is one without.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=tests/beds/lib.sh
. "$ROOT/tests/beds/lib.sh"

if can_emulate aarch64 "everything builds for aarch64"; then
    on cortex-a76 1140 env UF_MUST=kvm sh -c 'sh tests/beds/some.sh; sh tests/beds/inside.sh'
fi
finish
