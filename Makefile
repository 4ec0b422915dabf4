# SPDX-License-Identifier: MIT
#
#   make run             install what is missing, build, start unifaasd on 127.0.0.1:8080
#                        (PORT=9090 make run: another port), deploy functions/
#   make test            install what tests need, build, run every test
#   make                 build only: build/bin and build/sdk
#   make install         into DESTDIR and PREFIX (/usr/local)
#   make beds            on emulated machines: aarch64, and AMD's virtualisation
#   make lint            formatting, clang-tidy, our own rules
#   make bench           measure, beside floors and peers; writes build/bench.json
#   make fuzz            each fuzz target for FUZZ_SECONDS (60)
#   make soak            load, changes and kills for SOAK_SECONDS (600): what grows?
#   make coverage        lines that tests reach, by folder, compared with what they did
#   make clean           remove build/ but keep build/cache
#   make help            this text
#
#   VARIANT=release|debug|asan|tsan|cov|fuzz   ARCH=x86_64|aarch64   V=1 shows commands
#
# One Makefile, no recursion but to change VARIANT or ARCH. A directory is a
# module: every .c in it is built. Objects live in build/ARCH-VARIANT/, so
# variants never mix.

HOST_ARCH := $(shell uname -m)
ARCH      ?= $(HOST_ARCH)
VARIANT   ?= release
PREFIX    ?= /usr/local
# Before anything is built for it.
$(if $(filter /%,$(PREFIX)),,$(error PREFIX=$(PREFIX) must begin with /))
PORT      ?= 8080
O         := build/$(ARCH)-$(VARIANT)
ARCHES    := x86_64 aarch64
Q         := $(if $(V),,@)

# Rules come from included files too; this is what plain make means.
.DEFAULT_GOAL := all

# ---- tools ------------------------------------------------------------------
ifneq ($(ARCH),$(HOST_ARCH))
CROSS := $(ARCH)-linux-gnu-
# Libraries and headers of the other architecture, unpacked by tools/sysroot.
SYSROOT := build/cache/$(ARCH)
PKGCONF := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
           PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(ARCH)-linux-gnu/pkgconfig:$(SYSROOT)/usr/share/pkgconfig
SYSROOT_CFLAGS := -isystem $(SYSROOT)/usr/include -isystem $(SYSROOT)/usr/include/$(ARCH)-linux-gnu
SYSROOT_LINK   := -L$(SYSROOT)/usr/lib/$(ARCH)-linux-gnu -L$(SYSROOT)/lib/$(ARCH)-linux-gnu \
                  -Wl,-rpath-link,$(SYSROOT)/usr/lib/$(ARCH)-linux-gnu:$(SYSROOT)/lib/$(ARCH)-linux-gnu
# Before anything looks into it; takes no time when it is there.
SYSROOT_FAILED := $(shell tools/sysroot $(ARCH) >&2 || echo failed)
$(if $(SYSROOT_FAILED),$(error no libraries for $(ARCH): see above))
endif
ifeq ($(VARIANT),fuzz)
CC := clang
endif
ifeq ($(origin CC),default)
CC := $(CROSS)gcc
endif
HOSTCC ?= gcc
PKGCONF += pkg-config

# ---- flags: one group for each reason to change -------------------------------
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
        -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wconversion -Wsign-conversion \
        -Wimplicit-fallthrough -Wswitch-enum
BASE := -std=gnu11 -g -I. -MMD -MP $(WARN)

HARDEN_x86_64   := -fcf-protection
HARDEN_aarch64  := -mbranch-protection=standard
HARDEN          := -fstack-protector-strong -fstack-clash-protection $(HARDEN_$(ARCH)) -Wp,-D_FORTIFY_SOURCE=2
VARIANT_release := -O2 $(HARDEN)
VARIANT_debug   := -Og
VARIANT_asan    := -Og -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# Its clone() takes every child for a copy, stops looking there, and so in the parent,
# whose memory a starting tender shares.
VARIANT_tsan    := -Og -fsanitize=thread -fno-omit-frame-pointer -Dclone=__clone
# Not gcov's own execve: it takes the counts of a parent whose memory a child shares.
VARIANT_cov     := -O0 --coverage -fno-builtin-execve
VARIANT_covjail := -O0 -fprofile-arcs -ftest-coverage -fprofile-info-section -fdata-sections
VARIANT_fuzz    := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
HOST_FLAGS := $(BASE) -fPIE -D_GNU_SOURCE -DUF_PREFIX='"$(PREFIX)"' $(VARIANT_$(VARIANT)) $(SYSROOT_CFLAGS)
HOST_LINK  := -pie $(VARIANT_$(VARIANT)) -Wl,-z,relro,-z,now $(SYSROOT_LINK)
TENDER_LINK := -pie $(VARIANT_$(VARIANT)) -Wl,-z,relro,-z,now

ENGINE_PKGS := jansson yaml-0.1 libsodium
DAEMON_PKGS := $(ENGINE_PKGS) libmicrohttpd sqlite3
CLI_PKGS    := $(ENGINE_PKGS)
libs = $(shell $(PKGCONF) --libs $(1))

# ---- the guest: its flags are a safety property, so they stand here in full ------
include guest/guest.mk
include runtime/javascript/javascript.mk

# ---- the tender ---------------------------------------------------------------
# Static, for its jail needs no loader, and with musl: glibc asks the processor what it
# is before main() begins, and in a virtual machine each such question takes
# microseconds. Sanitizers and coverage have glibc.
include tender/tender.mk

# ---- modules ------------------------------------------------------------------
objs = $(patsubst %,$(O)/host/%.o,$(basename $(wildcard $(1:%=%/*.c) $(1:%=%/*.S))))

BASE_OBJ   := $(call objs,base)
tender_objs = $(patsubst $(O)/host/%,$(O)/$(TENDER_O)/%,$(call objs,$(1)))
ENGINE_OBJ := $(call objs,engine)
TENDER_DIR := tender tender/core tender/arch/$(ARCH) tender/jail tender/kvm tender/kvm/$(ARCH) tender/proc tender/proc/$(ARCH)
POLICY_OBJ := $(patsubst %,$(O)/gen/policy_%.o,kvm proc guest)
TENDER_OBJ := $(call tender_objs,$(TENDER_DIR) base)
DAEMON_DIR := $(sort daemon $(patsubst %/,%,$(wildcard daemon/*/)))
DAEMON_OBJ := $(call objs,$(DAEMON_DIR))
CLI_DIR    := cli $(patsubst %/,%,$(wildcard cli/*/)) cli/floors/$(ARCH)
CLI_OBJ    := $(call objs,$(CLI_DIR))
BIN := $(O)/unifaas $(O)/unifaasd $(O)/unifaas-tender

.PHONY: all bin sdk run test check beds lint fuzz soak coverage install clean help deps have-deps FORCE
.SECONDARY:
all: bin sdk
ifeq ($(ARCH)-$(VARIANT),$(HOST_ARCH)-release)
bin: $(BIN)
	$(Q)mkdir -p build/bin && for b in $(BIN); do cmp -s $$b build/bin/$${b##*/} || cp -f $$b build/bin/; done
else
bin: $(BIN)
endif

# What is not installed is told before a compiler stumbles over it.
have-deps: ; @tools/deps --check build

# A changed flag rebuilds; an unchanged one does not.
$(O)/flags: FORCE | have-deps
	@mkdir -p $(@D); echo '$(CC) $(HOST_FLAGS) $(HOST_LINK)' | cmp -s - $@ || echo '$(CC) $(HOST_FLAGS) $(HOST_LINK)' > $@
$(O)/host/%.o: %.c $(O)/flags
	@mkdir -p $(@D); echo "  CC    $<"
	$(Q)$(CC) $(HOST_FLAGS) -c $< -o $@
$(O)/host/%.o: %.S $(O)/flags
	@mkdir -p $(@D); echo "  AS    $<"
	$(Q)$(CC) $(HOST_FLAGS) -c $< -o $@
$(O)/gen/%.o: $(O)/gen/%.c $(O)/flags
	$(Q)$(CC) $(HOST_FLAGS) -c $< -o $@

# System call policies become BPF at build time, so the tender needs no library.
build/tools/policyc: tools/policyc.c
	@mkdir -p $(@D); echo "  HOST  $@"
	$(Q)$(HOSTCC) $(filter-out -MMD -MP,$(BASE)) -O2 -D_GNU_SOURCE $< -o $@ -lseccomp
$(O)/gen/policy_%.c: tender/jail/policy/$(ARCH)/%.policy build/tools/policyc
	@mkdir -p $(@D); echo "  POL   $<"
	$(Q)build/tools/policyc $(ARCH) $* $< > $@.new && mv $@.new $@

$(O)/unifaas-tender: $(TENDER_OBJ) $(POLICY_OBJ)
	@echo "  LD    $@"
	$(Q)$(CC) $(TENDER_LINK) $^ -o $@ $(TENDER_LIBS)
$(O)/unifaasd: $(DAEMON_OBJ) $(ENGINE_OBJ) $(BASE_OBJ)
	@echo "  LD    $@"
	$(Q)$(CC) $(HOST_LINK) $^ -o $@ $(call libs,$(DAEMON_PKGS))
$(O)/unifaas: $(CLI_OBJ) $(ENGINE_OBJ) $(BASE_OBJ)
	@echo "  LD    $@"
	$(Q)$(CC) $(HOST_LINK) $^ -o $@ $(call libs,$(CLI_PKGS))

# ---- people's targets -----------------------------------------------------------
deps:
	$(Q)tools/deps build
run:
	$(Q)tools/deps build run
	$(Q)$(MAKE) --no-print-directory all
	$(Q)PORT=$(PORT) exec tools/run
test:
	$(Q)tools/deps build run test
	$(Q)tools/test
check: ; $(Q)tools/test
beds:
	$(Q)tools/deps build test
	$(Q)tools/test tests/beds/[0-9]*.sh
install: all ; $(Q)STRIP=$(CROSS)strip tools/install "$(DESTDIR)" "$(PREFIX)" $(O)
lint:
	$(Q)tools/deps build lint
	$(Q)tools/lint/run
clean:
	$(Q)find build -mindepth 1 -maxdepth 1 ! -name cache -exec rm -rf {} + 2>/dev/null || true
help:
	@sed -n '3,17s/^# \{0,1\}//p' Makefile

include tests/tests.mk
include tests/bench/bench.mk
-include $(shell find $(O) build/sdk -name '*.d' 2>/dev/null)
