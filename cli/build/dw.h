// SPDX-License-Identifier: MIT
/*
 * dw.h: libelf and libdw, which read the objects that the compiler has just
 * made. Nothing that comes from somebody else is ever read with them.
 */
#ifndef CLI_BUILD_DW_H
#define CLI_BUILD_DW_H

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "engine/lazy.h"

/* clang-format off */
#define DW_CALLS(X)                                                              \
    X(elf_version) X(elf_begin) X(elf_end) X(elf_nextscn) X(elf_getscn)          \
    X(elf_getdata) X(elf_strptr) X(elf_errmsg)                                   \
    X(gelf_getshdr) X(gelf_getsym) X(gelf_getrela)                               \
    X(dwarf_begin_elf) X(dwarf_end) X(dwarf_nextcu) X(dwarf_offdie)              \
    X(dwarf_diename) X(dwarf_getsrclines) X(dwarf_onesrcline) X(dwarf_lineaddr)  \
    X(dwarf_lineno) X(dwarf_linesrc) X(dwarf_lineendsequence)                    \
    X(dwfl_begin) X(dwfl_end) X(dwfl_report_offline) X(dwfl_report_end)          \
    X(dwfl_module_getelf) X(dwfl_module_getsrc) X(dwfl_lineinfo)                 \
    X(dwfl_offline_section_address) X(dwfl_standard_find_debuginfo)
/* clang-format on */

struct dw {
    DW_CALLS(LAZY_POINTER)
};

/* The loaded library, or NULL with the reason in err. */
const struct dw *dw_load(struct uf_err *err);

#endif
