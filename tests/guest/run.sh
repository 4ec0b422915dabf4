#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh: run the guest conformance images on every backend; see README.md.
#
#	tests/guest/run.sh [NAME...]
set -eu
cd "$(dirname "$0")/../.."
out=build/$(uname -m)-release
exec "$out/guest/run" tests/guest "$out" "${UNIFAAS_TENDER:-$out/unifaas-tender}" "$@"
