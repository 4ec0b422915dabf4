#!/bin/sh
# SPDX-License-Identifier: MIT
# In the place of fuzz_js_X, where the JavaScript engine could not be had.
. tests/e2e/lib.sh
skip "${0##*/} is run" "javascript: the engine could not be fetched"
finish
