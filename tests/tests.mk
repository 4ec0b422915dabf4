# SPDX-License-Identifier: MIT
#
# Part of the Makefile: programs that test. A test names what it is linked with
# in comments of its own, so that nothing has to be listed here:
#
#	// LINK: engine/event.c base/units.c    sources besides base/; folders too
#	// LINK: engine/function*.c              all that match
#	// LINK: @arch                          tender/arch/ARCH, whole
#	// LINK: @policy                        the tender's system call filters
#	// LINK: @quickjs                       the JavaScript engine
#	// LIBS: jansson libsodium              pkg-config names
#	// THREADS                              tools/test runs it with VARIANT=tsan, too
#
# tests/unit/test_X.c becomes $(O)/tests/test_X; tests/hostile/X.c and
# tests/soak/X.c, which other tests use, $(O)/tests/X. tests/fuzz/fuzz_X.c becomes
# $(O)/tests/fuzz_X: with VARIANT=fuzz a libFuzzer program, else one that replays
# the corpus tests/fuzz/corpus/X as TAP. Those of tests/fuzz/fuzz_js_X.c need the
# engine's source; without it they say so.

UNIT_SRC := $(wildcard tests/unit/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
TOOL_SRC := $(wildcard tests/hostile/*.c tests/soak/*.c)
UNIT     := $(UNIT_SRC:tests/unit/%.c=$(O)/tests/%)
FUZZ     := $(FUZZ_SRC:tests/fuzz/%.c=$(O)/tests/%)
FUZZ_GO  := $(if $(QUICKJS_SRC),$(FUZZ),$(filter-out $(O)/tests/fuzz_js_%,$(FUZZ)))
TOOLS    := $(addprefix $(O)/tests/,$(notdir $(basename $(TOOL_SRC))))
FUZZ_MAIN := $(if $(filter fuzz,$(VARIANT)),,$(O)/host/tests/fuzz/replay.o)
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 600

.PHONY: tests-bin unit-bin fuzz-bin e2e-bin
tests-bin: unit-bin fuzz-bin
unit-bin: $(UNIT)
fuzz-bin: $(FUZZ)

# What the comments say, as rules. Make builds this file first, then reads it.
build/tests.mk: tests/tests.mk $(UNIT_SRC) $(FUZZ_SRC) $(TOOL_SRC)
	@mkdir -p $(@D)
	@awk 'function close_file() { if (js) print "endif" } \
	      END { close_file() } \
	      FNR == 1 { close_file(); js = FILENAME ~ /\/fuzz_js_/; if (js) print "ifneq ($$(QUICKJS_SRC),)"; \
	        n = split(FILENAME, part, "/"); t = "$$(O)/tests/" part[n]; sub(/\.c$$/, "", t); \
	        o = FILENAME; sub(/\.c$$/, ".o", o); print t ": $$(O)/host/" o } \
	      /^\/\/ LINK: / { for (i = 3; i <= NF; i++) { \
	        if ($$i == "@arch") print t ": $$(call objs,tender/arch/$$(ARCH))"; \
	        else if ($$i == "@policy") print t ": $$(POLICY_OBJ)"; \
	        else if ($$i == "@quickjs") print t ": $$(QUICKJS_SRC:%.c=$$(O)/host/%.o)"; \
	        else if ($$i ~ /\*/) print t ": $$(patsubst %.c,$$(O)/host/%.o,$$(wildcard " $$i "))"; \
	        else if ($$i ~ /\.[cS]$$/) { o = $$i; sub(/\.[cS]$$/, ".o", o); print t ": $$(O)/host/" o } \
	        else print t ": $$(call objs," $$i ")" } } \
	      /^\/\/ LIBS: / { $$1 = $$2 = ""; print t ": TEST_PKGS :=" $$0 }' \
	      $(UNIT_SRC) $(FUZZ_SRC) $(TOOL_SRC) /dev/null > $@
-include build/tests.mk

$(UNIT) $(TOOLS): $(BASE_OBJ)
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(HOST_LINK) $(sort $(filter %.o,$^)) -o $@ $(if $(TEST_PKGS),$(call libs,$(TEST_PKGS))) -lm
$(FUZZ_GO): $(BASE_OBJ) $(FUZZ_MAIN)
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(HOST_LINK) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) $(sort $(filter %.o,$^)) -o $@ \
	    $(if $(TEST_PKGS),$(call libs,$(TEST_PKGS))) -lm

# The engine, and what includes its header. Without optimisation it is compiled in a third
# of the time.
$(O)/host/$(QUICKJS)/%.o: HOST_FLAGS := $(filter-out --coverage,$(HOST_FLAGS)) $(QUICKJS_FLAGS) $(if $(filter asan,$(VARIANT)),-O0)
$(O)/host/runtime/javascript/%.o $(O)/host/tests/fuzz/fuzz_js_%.o: HOST_FLAGS += -isystem $(QUICKJS)
$(filter-out $(FUZZ_GO),$(FUZZ)): tests/fuzz/without-engine.sh
	@mkdir -p $(@D); rm -f $@; cp $< $@

# Says no in the place of the kernel: tests/e2e/deny.c.
e2e-bin: build/tools/deny $(TOOLS) bench-bin
build/tools/deny: tests/e2e/deny.c
	@mkdir -p $(@D); echo "  HOST  $@"
	$(Q)$(HOSTCC) $(filter-out -MMD -MP,$(BASE)) -O2 -D_GNU_SOURCE $< -o $@ -lseccomp

# Another time of day: tests/e2e/clock.c.
e2e-bin: build/tools/clock.so
build/tools/clock.so: tests/e2e/clock.c
	@mkdir -p $(@D); echo "  HOST  $@"
	$(Q)$(HOSTCC) $(filter-out -MMD -MP,$(BASE)) -O2 -D_GNU_SOURCE -fPIC -shared $< -o $@ -ldl

# What a daemon has allocated: tests/e2e/heap.c.
e2e-bin: build/tools/heap.so
build/tools/heap.so: tests/e2e/heap.c
	@mkdir -p $(@D); echo "  HOST  $@"
	$(Q)$(HOSTCC) $(filter-out -MMD -MP,$(BASE)) -O2 -D_GNU_SOURCE -fPIC -shared $< -o $@ -lpthread

# The daemon under the thread sanitizer: tests/e2e/27-threads.sh.
.PHONY: tsan-daemon
e2e-bin: tsan-daemon
tsan-daemon:
	$(Q)$(MAKE) --no-print-directory VARIANT=tsan ARCH=$(HOST_ARCH) build/$(HOST_ARCH)-tsan/unifaasd

# New inputs are found into build/, so that the corpus grows by decision only.
fuzz:
	$(Q)tools/deps build run test fuzz
	$(Q)$(MAKE) --no-print-directory all functions
	$(Q)$(MAKE) --no-print-directory VARIANT=fuzz fuzz-bin
	$(Q)tools/fuzz $(FUZZ_SECONDS)

# Hours in minutes: tests/soak.
soak:
	$(Q)tools/deps build run test
	$(Q)$(MAKE) --no-print-directory all e2e-bin
	$(Q)tools/soak $(SOAK_SECONDS)

# Programs of tests/e2e: tenders that are not what they should be.
e2e-bin: $(O)/tests/malice
$(O)/tests/malice: $(call objs,tests/malice) $(O)/host/engine/arch.o
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(HOST_LINK) $^ -o $@ -lpthread
# The tender but for its filters, to be linked with others.
e2e-bin: $(O)/tests/tender.a
$(O)/tests/tender.a: $(TENDER_OBJ)
	@mkdir -p $(@D); echo "  AR    $@"; rm -f $@
	$(Q)$(CROSS)ar rcs $@ $^
# A tender whose socket is closed.
e2e-bin: $(O)/tests/ends
$(O)/tests/ends: $(O)/host/tests/policy/ends.o
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) -static-pie $(VARIANT_$(VARIANT)) $^ -o $@
# One that looks around in its jail instead of serving.
e2e-bin: $(O)/tests/inside
$(O)/tests/inside: $(O)/$(TENDER_O)/tests/jail/inside.o $(O)/tests/tender.a
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(TENDER_LINK) $^ -o $@ $(TENDER_LIBS)
# One that says what an event executes.
e2e-bin: $(O)/tests/steps
$(O)/tests/steps: $(O)/$(TENDER_O)/tests/order/steps.o $(O)/tests/tender.a
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(TENDER_LINK) -Wl,--wrap=ptrace,--wrap=waitpid,--wrap=invoke_run $^ -o $@ $(TENDER_LIBS)
# How: tests/policy/make.sh links many.
e2e-bin: $(O)/tests/link
$(O)/tests/link: $(O)/flags tender/tender.mk tests/tests.mk
	@mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec %s "$$@" %s\n' '$(CC) $(TENDER_LINK)' '$(TENDER_LIBS)' > $@ && chmod +x $@

# What tests reach. The tender of VARIANT=covjail is one that gcov can watch:
# tests/coverage/counters.c.
ifeq ($(VARIANT),covjail)
COUNTERS := $(O)/host/tests/coverage/counters.o
$(COUNTERS): HOST_FLAGS += -fno-profile-arcs -fno-test-coverage -DUF_COUNTERS='"$(CURDIR)/build/coverage/counters"'
$(O)/unifaas-tender: $(COUNTERS) | tests/coverage/counters.ld
TENDER_LINK := -static-pie -Wl,-z,relro,-z,now,-T,tests/coverage/counters.ld
TENDER_LIBS := -lgcov
endif
coverage:
	$(Q)tools/deps build run test
	$(Q)$(MAKE) --no-print-directory all guest-tests e2e-bin
	$(Q)$(MAKE) --no-print-directory VARIANT=cov all tests-bin
	$(Q)$(MAKE) --no-print-directory VARIANT=covjail $(subst release,covjail,$(O))/unifaas-tender
	$(Q)tools/coverage
