# SPDX-License-Identifier: MIT
#
# Part of the Makefile: programs that test. A test names what it is linked with
# in comments of its own, so that nothing has to be listed here:
#
#	// LINK: engine/event.c base/units.c    sources besides base/; folders too
#	// LINK: @arch                          tender/arch/ARCH, whole
#	// LIBS: jansson libsodium              pkg-config names
#
# tests/unit/test_X.c becomes $(O)/tests/test_X. tests/fuzz/fuzz_X.c becomes
# $(O)/tests/fuzz_X: with VARIANT=fuzz a libFuzzer program, else one that replays
# the corpus tests/fuzz/corpus/X as TAP.

UNIT_SRC := $(wildcard tests/unit/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
UNIT     := $(UNIT_SRC:tests/unit/%.c=$(O)/tests/%)
FUZZ     := $(FUZZ_SRC:tests/fuzz/%.c=$(O)/tests/%)
FUZZ_MAIN := $(if $(filter fuzz,$(VARIANT)),,$(O)/host/tests/fuzz/replay.o)
FUZZ_SECONDS ?= 60

.PHONY: tests-bin unit-bin fuzz-bin
tests-bin: unit-bin fuzz-bin
unit-bin: $(UNIT)
fuzz-bin: $(FUZZ)

# What the comments say, as rules. Make builds this file first, then reads it.
build/tests.mk: tests/tests.mk $(UNIT_SRC) $(FUZZ_SRC)
	@mkdir -p $(@D)
	@awk 'FNR == 1 { n = split(FILENAME, part, "/"); t = "$$(O)/tests/" part[n]; sub(/\.c$$/, "", t); \
	        o = FILENAME; sub(/\.c$$/, ".o", o); print t ": $$(O)/host/" o } \
	      /^\/\/ LINK: / { for (i = 3; i <= NF; i++) { \
	        if ($$i == "@arch") print t ": $$(call objs,tender/arch/$$(ARCH))"; \
	        else if ($$i ~ /\.[cS]$$/) { o = $$i; sub(/\.[cS]$$/, ".o", o); print t ": $$(O)/host/" o } \
	        else print t ": $$(call objs," $$i ")" } } \
	      /^\/\/ LIBS: / { $$1 = $$2 = ""; print t ": TEST_PKGS :=" $$0 }' \
	      $(UNIT_SRC) $(FUZZ_SRC) /dev/null > $@
-include build/tests.mk

$(UNIT): $(BASE_OBJ)
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(HOST_LINK) $(sort $(filter %.o,$^)) -o $@ $(if $(TEST_PKGS),$(call libs,$(TEST_PKGS))) -lm
$(FUZZ): $(BASE_OBJ) $(FUZZ_MAIN)
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(HOST_LINK) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) $(sort $(filter %.o,$^)) -o $@ \
	    $(if $(TEST_PKGS),$(call libs,$(TEST_PKGS))) -lm

# New inputs are found into build/, so that the corpus grows by decision only.
fuzz:
	$(Q)tools/deps build fuzz
	$(Q)$(MAKE) --no-print-directory VARIANT=fuzz fuzz-bin
	$(Q)tools/fuzz $(FUZZ_SECONDS)
