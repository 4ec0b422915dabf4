#!/bin/sh
# SPDX-License-Identifier: MIT
# On the emulated machine: an event of a script executes few pages.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=tests/order/lib.sh
. "$ROOT/tests/order/lib.sh"
few_pages
finish
