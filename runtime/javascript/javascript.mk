# SPDX-License-Identifier: MIT
#
# Part of the Makefile: the JavaScript runtime.
#
#	build/sdk/ARCH/javascript.elf		the program that scripts are put behind
#	build/sdk/javascript/builtins.txt	of Node<TAB>what to use instead
#	build/sdk/javascript/esbuild-ARCH	the bundler, for this machine
#
# QuickJS comes from Debian's source package (tools/quickjs) and is compiled here,
# with the guest's own flags. Without it everything else is built all the same.

QUICKJS := build/cache/quickjs
# Only where something is built, and before anything looks into it; takes no time when
# it is there.
ifneq ($(filter-out clean help deps run test beds lint bench,$(or $(MAKECMDGOALS),all)),)
QUICKJS_FAILED := $(shell tools/quickjs >&2 || echo failed)
endif
QUICKJS_SRC := $(if $(QUICKJS_FAILED),,$(wildcard $(addprefix $(QUICKJS)/,quickjs.c cutils.c libregexp.c libunicode.c dtoa.c)))
JS_SRC      := $(wildcard runtime/javascript/*.c runtime/javascript/*.S)

# Somebody else's code, and somebody else's style. What is not reached is dropped.
QUICKJS_FLAGS := -w -D_GNU_SOURCE -DCONFIG_VERSION='"$(if $(QUICKJS_SRC),$(shell cat $(QUICKJS)/VERSION))"'
# Hashes: libmd, compiled for glibc; what is used of it asks for nothing but memcpy. Its
# headers by themselves, for beside them lie those of glibc.
LIBMD = $(call MUSL_ROOT,$(1))/usr/lib/$(1)-linux-gnu/libmd.a
JS_ARCHES := $(foreach a,$(SDK_ARCHES),$(if $(wildcard $(call LIBMD,$(a))),$(a)))
JS_FLAGS      := -g -D_GNU_SOURCE -I. -isystem $(QUICKJS) -MMD -MP $(WARN)

define js_rules
JS_OBJ_$(1) := $$(JS_SRC:runtime/%=build/runtime-$(1)/%.o) $$(QUICKJS_SRC:$(QUICKJS)/%=build/runtime-$(1)/quickjs/%.o)

build/runtime-$(1)/flags: FORCE
	@mkdir -p $$(@D); f='$(GUEST_CC_$(1)) $(GUEST_CODE) $(GUEST_CODE_$(1)) $(GUEST_C) $(QUICKJS_FLAGS) $(JS_FLAGS)'; \
	 echo "$$$$f" | cmp -s - $$@ || echo "$$$$f" > $$@
build/runtime-$(1)/quickjs/%.c.o: $(QUICKJS)/%.c build/runtime-$(1)/flags $$(GUEST_MUSL_$(1))
	@mkdir -p $$(@D); echo "  CC    $$< ($(1) guest)"
	$(Q)$(GUEST_CC_$(1)) $(GUEST_CODE) $(GUEST_CODE_$(1)) $(GUEST_C) $(QUICKJS_FLAGS) $$(GUEST_INC_$(1)) -c $$< -o $$@
build/runtime-$(1)/%.o: runtime/% build/runtime-$(1)/flags $$(GUEST_MUSL_$(1)) $(SDK)/include/unifaas.h
	@mkdir -p $$(@D); echo "  CC    $$< ($(1) guest)"
	$(Q)$(GUEST_CC_$(1)) $(GUEST_CODE) $(GUEST_CODE_$(1)) $(GUEST_C) $(JS_FLAGS) -isystem build/runtime-$(1)/libmd $$(GUEST_INC_$(1)) -c $$< -o $$@
build/runtime-$(1)/javascript/web.c.o: build/runtime-$(1)/libmd/stamp
build/runtime-$(1)/libmd/stamp: $(call LIBMD,$(1))
	@mkdir -p $$(@D)
	$(Q)cp $(call MUSL_ROOT,$(1))/usr/include/sha1.h $(call MUSL_ROOT,$(1))/usr/include/sha2.h $$(@D)/ && touch $$@
build/runtime-$(1)/javascript/globals.S.o: $(wildcard runtime/javascript/*.js) runtime/javascript/builtins.txt
# The layout of any image, but what events run comes first. A name of hot.txt is a function
# with its clones, strings and tables, or a table; ARCHIVE:MEMBER an object that has no
# sections of its own for them. What is not there is nothing. Did it help? tests/order.
build/runtime-$(1)/javascript.lds: $(SDK)/$(1)/function.lds runtime/javascript/hot.txt runtime/javascript/javascript.mk
	@mkdir -p $$(@D)
	$(Q)for s in text rodata; do \
	     sed -e '/^#/d' -e "s/^[^:]*$$$$/*(.$$$$s.& .$$$$s.&.*)/;t" \
	         -e "s/^\(.*\):\(.*\)/*\1:\2(.$$$$s .$$$$s.*)/" runtime/javascript/hot.txt > $$@.$$$$s; \
	 done
	$(Q)sed -e '/KEEP(\*(\.text\.uf_entry))/r $$@.text' -e '/^ *\.rodata : {/r $$@.rodata' $$< > $$@
# Without symbols: a trace of a script is the engine's, and names the author's files.
$(SDK)/$(1)/javascript.elf: $$(JS_OBJ_$(1)) $(call LIBMD,$(1)) $$(SDK_FILES_$(1)) build/runtime-$(1)/javascript.lds
	@mkdir -p $$(@D); echo "  LD    $$@"
	$(Q)$(GUEST_CC_$(1)) $$(JS_OBJ_$(1)) -o $$@ @$(SDK)/$(1)/ldflags -Wl,--strip-all \
	    -T build/runtime-$(1)/javascript.lds -Wl,-Map=build/runtime-$(1)/javascript.map \
	    -Wl,--whole-archive $(SDK)/$(1)/lib/libunifaas.a -Wl,--no-whole-archive \
	    $(call LIBMD,$(1)) $(SDK)/$(1)/musl/lib/libc.a -lgcc
endef
$(foreach a,$(ARCHES),$(eval $(call js_rules,$(a))))

$(SDK)/javascript/builtins.txt: runtime/javascript/builtins.txt
	@mkdir -p $(@D); cp $< $@

# What TypeScript and packages need; everything else works without it.
.PHONY: esbuild
esbuild:
	$(Q)tools/esbuild/fetch || true
	$(Q)e=build/cache/esbuild/esbuild to=$(SDK)/javascript/esbuild-$(HOST_ARCH); mkdir -p $${to%/*}; \
	 [ ! -x $$e ] || cmp -s $$e $$to || cp -f $$e $$to

.PHONY: javascript
javascript: $(if $(QUICKJS_SRC),$(JS_ARCHES:%=$(SDK)/%/javascript.elf) $(SDK)/javascript/builtins.txt esbuild)
	@$(if $(QUICKJS_SRC),$(foreach a,$(filter-out $(JS_ARCHES),$(SDK_ARCHES)),echo "  SDK   no JavaScript for $(a): needs $(call LIBMD,$(a))";))true
sdk: javascript

# ---- images of scripts that tests run, by our own builder ------------------------------
JS_FUNCTIONS   := $(patsubst functions/js/%.js,js/%,$(wildcard functions/js/*.js))
JS_GUEST_TESTS := $(patsubst tests/guest/%/main.js,%,$(wildcard tests/guest/*/main.js))
# A program of this machine, whatever is built for.
JS_BUILDER     := build/$(HOST_ARCH)-release/unifaas
ifneq ($(O)/unifaas,$(JS_BUILDER))
$(JS_BUILDER): FORCE
	$(Q)$(MAKE) --no-print-directory VARIANT=release ARCH=$(HOST_ARCH) $@
endif
define script_rule
	@mkdir -p $(@D); echo "  IMAGE $@"
	$(Q)$(JS_BUILDER) build $< --arch $(ARCH) -o $@ >/dev/null
endef
$(O)/functions/js/%.elf: functions/js/%.js $(SDK)/$(ARCH)/javascript.elf $(JS_BUILDER)
	$(script_rule)
# A script of tests alone, or behind what it checks with.
$(O)/guest/%/main.js: tests/guest/%/main.js tests/guest/check.js
	@mkdir -p $(@D)
	$(Q)cat $$(grep -q 'tests/guest/check.js' $< && echo tests/guest/check.js) $< > $@
$(O)/guest/%.elf: $(O)/guest/%/main.js $(SDK)/$(ARCH)/javascript.elf $(JS_BUILDER)
	$(script_rule)
ifneq ($(and $(QUICKJS_SRC),$(filter $(ARCH),$(SDK_ARCHES))),)
guest-tests: $(JS_FUNCTIONS:%=$(O)/functions/%.elf) $(JS_GUEST_TESTS:%=$(O)/guest/%.elf)
endif

-include $(shell find build/runtime-* -name '*.d' 2>/dev/null)
