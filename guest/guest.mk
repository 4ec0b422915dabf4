# SPDX-License-Identifier: MIT
#
# Part of the Makefile: the SDK (library OS, C library, headers, flags) and the
# sample functions.
#
#	build/sdk/README			how to compile and link with it
#	build/sdk/unsupported.txt		symbol<TAB>what to use instead
#	build/sdk/include/unifaas.h
#	build/sdk/ARCH/{cflags,cxxflags,ldflags}	gcc @response files
#	build/sdk/ARCH/function.lds		the layout of an image
#	build/sdk/ARCH/lib/libunifaas.a		the library OS
#	build/sdk/ARCH/musl/{include,lib/libc.a}	from the package musl-dev
#
# The SDK is made for this machine, and for the other architecture when its
# compiler and its musl-dev (tools/sysroot ARCH) are there.

SDK := build/sdk

GUEST_CC_$(HOST_ARCH) := $(if $(filter clang%,$(CC)),gcc,$(if $(CROSS),gcc,$(CC)))
GUEST_AR_$(HOST_ARCH) := ar
define guest_cross
GUEST_CC_$(1) ?= $(1)-linux-gnu-gcc
GUEST_AR_$(1) ?= $(1)-linux-gnu-ar
endef
$(foreach a,$(ARCHES),$(eval $(call guest_cross,$(a))))

# Where musl-dev lies: installed, or unpacked by tools/sysroot.
MUSL_ROOT = $(if $(filter $(HOST_ARCH),$(1)),,build/cache/$(1))
MUSL_INC  = $(call MUSL_ROOT,$(1))/usr/include/$(1)-linux-musl
MUSL_LIB  = $(call MUSL_ROOT,$(1))/usr/lib/$(1)-linux-musl
sdk_ready = $(and $(shell command -v $(GUEST_CC_$(1))),$(wildcard $(call MUSL_LIB,$(1))/libc.a),$(1))
SDK_ARCHES := $(foreach a,$(ARCHES),$(call sdk_ready,$(a)))

# ---- flags: a safety property, one reason to a line ------------------------------
# Nothing moves an image, so no position independence and no relocations.
GUEST_CODE := -O2 -fno-pic -fno-pie
# Backtraces follow frame pointers; nothing unwinds.
GUEST_CODE += -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-unwind-tables
# Every function on the way is in a backtrace.
GUEST_CODE += -fno-optimize-sibling-calls
# A smashed stack is noticed, and a large frame can't jump over the guard.
GUEST_CODE += -fstack-protector-strong -fstack-clash-protection
# Sections of their own, so that the linker drops what is not used.
GUEST_CODE += -ffunction-sections -fdata-sections
# No headers but the C library's and the compiler's own.
GUEST_CODE += -nostdinc
# No indirect-branch landing pads: ring 3 has them switched off, they only cost.
GUEST_CODE_x86_64  := -mcmodel=small -fcf-protection=none
# Atomics in line: the other kind asks the system what the processor can do.
GUEST_CODE_aarch64 := -mcmodel=small -mbranch-protection=none -mno-outline-atomics
GUEST_C   := -std=gnu11
GUEST_CXX := -std=gnu++17 -fno-exceptions -fno-rtti -fno-threadsafe-statics
GUEST_LINK := -static -nostdlib -Wl,--gc-sections -Wl,--build-id=none -Wl,--fatal-warnings \
              -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -Wl,-z,norelro
# What leads to the door begins by setting its frame, so that a backtrace gets
# past it. (gcc only, as this library is; functions may be built by clang.)
GUEST_FRAMES := -fno-shrink-wrap -fno-schedule-insns2
# The library's own code may use vector registers: printf-like calls pass
# doubles in them, and they are clean at every entry.
GUEST_OWN := $(GUEST_FRAMES) -ffreestanding -g -D_GNU_SOURCE -I. -MMD -MP $(WARN)

# ---- one SDK for each architecture -------------------------------------------------
define sdk_rules
GUEST_SRC_$(1) := $$(wildcard guest/core/*.c guest/libc/*.c guest/core/*.S guest/arch/$(1)/*.c guest/arch/$(1)/*.S)
GUEST_OBJ_$(1) := $$(patsubst guest/%,build/guest-$(1)/%.o,$$(GUEST_SRC_$(1)))
GUEST_INC_$(1) = -I $(SDK)/include -isystem $(SDK)/$(1)/musl/include \
                 -isystem $$(shell $(GUEST_CC_$(1)) -print-file-name=include)
GUEST_MUSL_$(1) := $(SDK)/$(1)/musl/stamp

build/guest-$(1)/flags: FORCE
	@mkdir -p $$(@D); f='$(GUEST_CC_$(1)) $(GUEST_CODE) $(GUEST_CODE_$(1)) $(GUEST_C) $(GUEST_OWN)'; \
	 echo "$$$$f" | cmp -s - $$@ || echo "$$$$f" > $$@
build/guest-$(1)/%.o: guest/% build/guest-$(1)/flags $$(GUEST_MUSL_$(1))
	@mkdir -p $$(@D); echo "  CC    $$< ($(1) guest)"
	$(Q)$(GUEST_CC_$(1)) $(GUEST_CODE) $(GUEST_CODE_$(1)) $(GUEST_C) $(GUEST_OWN) $$(GUEST_INC_$(1)) -c $$< -o $$@
$(SDK)/$(1)/lib/libunifaas.a: $$(GUEST_OBJ_$(1))
	@mkdir -p $$(@D); echo "  AR    $$@"; rm -f $$@
	$(Q)$(GUEST_AR_$(1)) rcsD $$@ $$^
$$(GUEST_MUSL_$(1)): $(call MUSL_LIB,$(1))/libc.a
	@mkdir -p $$(@D)/lib; echo "  COPY  $$(@D) from $$<"
	$(Q)rm -rf $$(@D)/include && cp -RL $(call MUSL_INC,$(1)) $$(@D)/include && cp -L $$< $$(@D)/lib/ && touch $$@
$(SDK)/$(1)/function.lds: guest/link/function.lds guest/arch/$(1)/tls.lds
	@mkdir -p $$(@D)
	$(Q)sed -e '/^@TLS@$$$$/{r guest/arch/$(1)/tls.lds' -e 'd}' $$< > $$@
$(SDK)/$(1)/cflags: guest/guest.mk
	@mkdir -p $$(@D)
	$(Q)echo '$(GUEST_CODE) $(GUEST_CODE_$(1)) $(GUEST_C)' > $$@
	$(Q)echo '$(GUEST_CODE) $(GUEST_CODE_$(1)) $(GUEST_CXX)' > $$(@D)/cxxflags
	$(Q)echo '$(GUEST_LINK)' > $$(@D)/ldflags
SDK_FILES_$(1) := $(SDK)/include/unifaas.h $(SDK)/unsupported.txt $(SDK)/README $$(GUEST_MUSL_$(1)) \
                  $$(addprefix $(SDK)/$(1)/,cflags function.lds lib/libunifaas.a)
endef
$(foreach a,$(ARCHES),$(eval $(call sdk_rules,$(a))))

$(SDK)/include/unifaas.h: guest/include/unifaas.h
	@mkdir -p $(@D); cp $< $@
$(SDK)/unsupported.txt: guest/libc/unsupported.txt
	@mkdir -p $(@D); cp $< $@
$(SDK)/README: guest/link/README
	@mkdir -p $(@D); cp $< $@

.PHONY: sdk functions
sdk: $(foreach a,$(SDK_ARCHES),$(SDK_FILES_$(a)))
	@$(foreach a,$(filter-out $(SDK_ARCHES),$(ARCHES)),echo "  SDK   not for $(a): needs $(GUEST_CC_$(a)) and $(call MUSL_LIB,$(a))/libc.a";)true
ifeq ($(filter $(HOST_ARCH),$(SDK_ARCHES)),)
sdk: sdk-missing
.PHONY: sdk-missing
sdk-missing:
	@echo "sdk: $(call MUSL_LIB,$(HOST_ARCH))/libc.a is missing: install the package musl-dev" >&2; exit 1
endif

# ---- functions, and images that tests run, by the plain compiler -----------------------
FUNCTIONS   := $(patsubst functions/%/main.c,%,$(wildcard functions/*/main.c))
GUEST_TESTS := $(patsubst tests/guest/%/main.c,%,$(wildcard tests/guest/*/main.c))

define image_rule
	@mkdir -p $(@D); echo "  IMAGE $@"
	$(Q)$(GUEST_CC_$(ARCH)) @$(SDK)/$(ARCH)/cflags -g -Wall -Wextra $(IMAGE_FLAGS) $(GUEST_INC_$(ARCH)) $(filter %.c,$^) -o $@ \
	    @$(SDK)/$(ARCH)/ldflags -T $(SDK)/$(ARCH)/function.lds \
	    -Wl,--whole-archive $(SDK)/$(ARCH)/lib/libunifaas.a -Wl,--no-whole-archive \
	    $(SDK)/$(ARCH)/musl/lib/libc.a -lgcc
endef
$(O)/functions/%.elf: functions/%/main.c $(SDK_FILES_$(ARCH))
	$(image_rule)
# Tests look at the C library, not at what the compiler makes of calls to it.
$(O)/guest/%.elf: IMAGE_FLAGS := -fno-builtin -Wno-unused-parameter
$(O)/guest/%.elf: tests/guest/%/main.c $(wildcard tests/guest/*.h tests/guest/arch/*.h) $(SDK_FILES_$(ARCH))
	$(image_rule)

# The suite's runner (tests/guest/README.md).
GUEST_RUN_OBJ := $(O)/host/tests/guest/run.o $(O)/host/tests/guest/spec.o
$(O)/guest/run: $(GUEST_RUN_OBJ) $(patsubst %.c,$(O)/host/%.o,$(wildcard engine/*.c base/*.c))
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(HOST_LINK) $^ -o $@ $(call libs,$(ENGINE_PKGS))

functions: sdk $(FUNCTIONS:%=$(O)/functions/%.elf)
.PHONY: guest-tests
guest-tests: sdk functions $(GUEST_TESTS:%=$(O)/guest/%.elf) $(O)/guest/run

-include $(shell find build/guest-* -name '*.d' 2>/dev/null)
