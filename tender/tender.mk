# SPDX-License-Identifier: MIT
#
# Part of the Makefile: what the tender is compiled and linked with. The order of what
# is linked is that of any static program: start files, objects, library, end.

ifneq ($(filter release debug,$(VARIANT)),)
TENDER_O := tender
TENDER_M := $(call MUSL_LIB,$(ARCH))
# musl's headers, the compiler's, and of Linux what belongs to the kernel.
TENDER_FLAGS := $(filter-out $(SYSROOT_CFLAGS),$(HOST_FLAGS)) -nostdinc -isystem $(call MUSL_INC,$(ARCH)) \
                -isystem $(shell $(CC) -print-file-name=include) -isystem $(O)/linux
ifeq ($(ARCH),$(HOST_ARCH))
LINUX_INC := /usr/include/linux /usr/include/asm-generic /usr/include/$(ARCH)-linux-gnu/asm
else
LINUX_INC := $(addprefix /usr/$(ARCH)-linux-gnu/include/,linux asm-generic asm)
endif
TENDER_LINK := -static-pie -nostdlib -nostartfiles $(VARIANT_$(VARIANT)) -Wl,-z,relro,-z,now \
               $(TENDER_M)/rcrt1.o $(TENDER_M)/crti.o
TENDER_LIBS := $(TENDER_M)/libc.a $(shell $(CC) -print-libgcc-file-name) $(TENDER_M)/crtn.o

$(O)/linux/stamp: tender/tender.mk
	@mkdir -p $(@D)
	$(Q)for d in $(LINUX_INC); do ln -sfn $$d $(@D)/$${d##*/}; done; touch $@
$(O)/tender/%.o: %.c $(O)/flags $(O)/linux/stamp
	@mkdir -p $(@D); echo "  CC    $<"
	$(Q)$(CC) $(TENDER_FLAGS) -c $< -o $@
$(O)/tender/%.o: %.S $(O)/flags $(O)/linux/stamp
	@mkdir -p $(@D); echo "  AS    $<"
	$(Q)$(CC) $(TENDER_FLAGS) -c $< -o $@
else
TENDER_O := host
endif
