// SPDX-License-Identifier: MIT
/* trace.c: see trace.h. */
#include "tender/core/trace.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "abi/image.h"
#include "base/text.h"
#include "tender/arch/arch.h"

#define SCAN_WORDS 128u /* how far to look for a return address */

struct walk {
    const struct gmem *g;
    const struct symbols *syms;
    uint64_t pc;
    uint64_t sp;
    uint64_t fp;
};

static bool is_code(const struct gmem *g, uint64_t addr)
{
    return gmem_check(g->snap, (struct uf_gva){addr}, 1, UF_PROT_EXEC) == 0;
}

static bool is_return_address(const struct gmem *g, uint64_t addr)
{
    uint8_t before[8];

    return addr >= sizeof(before) && is_code(g, addr) &&
           gmem_read(g, (struct uf_gva){addr - sizeof(before)}, before, sizeof(before)) == 0 &&
           arch_follows_call(before);
}

static bool keeps_frame(const struct walk *w)
{
    struct symbol sym;
    uint8_t code[8];

    return is_code(w->g, w->pc) && symbols_find(w->syms, w->pc, &sym) &&
           gmem_read(w->g, (struct uf_gva){sym.start}, code, sizeof(code)) == 0 &&
           arch_keeps_frame(code);
}

/* The caller by the frame pointer: [fp] = caller's fp, [fp + 8] = return. */
static bool step_frame(struct walk *w)
{
    uint64_t f[2];

    if (w->fp < w->sp || w->fp % 8 != 0 ||
        gmem_read(w->g, (struct uf_gva){w->fp}, f, sizeof(f)) < 0 || !is_code(w->g, f[1]))
        return false;
    w->sp = w->fp + sizeof(f);
    w->pc = f[1] - 1; /* inside the call, so that the line is the call's */
    w->fp = f[0];
    return true;
}

/*
 * The caller by the first return address on the stack. If that turns out to be
 * the one of the current frame record, the function kept a frame pointer after
 * all, with a prologue that keeps_frame() doesn't know: follow it.
 */
static bool step_scan(struct walk *w)
{
    uint64_t words[SCAN_WORDS];
    size_t n = SCAN_WORDS;

    /* The stack ends somewhere above; take what there is. */
    while (n > 0 && gmem_read(w->g, (struct uf_gva){w->sp}, words, n * sizeof(words[0])) < 0)
        n /= 2;
    for (size_t i = 0; i < n; i++) {
        uint64_t at = w->sp + i * sizeof(words[0]);

        if (!is_return_address(w->g, words[i]))
            continue;
        if (i > 0 && w->fp == at - sizeof(words[0]))
            w->fp = words[i - 1];
        w->sp = at + sizeof(words[0]);
        w->pc = words[i] - 1;
        return true;
    }
    return false;
}

/* The library OS on its way out: true of every trace that starts at the door,
 * and of no use to anybody. */
static bool is_way_out(const char *name)
{
    return strncmp(name, "uf_door_", 8) == 0 || strcmp(name, "uf_give_up") == 0;
}

/* One line; true when it is the author's entry point, below which it's ours. */
static bool print_frame(struct text *t, const struct walk *w)
{
    struct symbol sym;

    if (!symbols_find(w->syms, w->pc, &sym)) {
        text_add(t, "0x%" PRIx64 "\n", w->pc);
        return false;
    }
    if (is_way_out(sym.name))
        return false;
    text_add(t, "%s+0x%" PRIx64, sym.name, w->pc - sym.start);
    if (sym.line != 0)
        text_add(t, " (%s:%u)", sym.file, sym.line);
    text_add(t, "\n");
    return strcmp(sym.name, "handle") == 0 || strcmp(sym.name, "init") == 0;
}

void trace_format(char *out, size_t cap, const struct gmem *g, const struct symbols *syms,
                  const struct machine_regs *regs)
{
    struct walk w = {
        .g = g, .syms = syms, .pc = regs->pc, .sp = regs->sp & ~UINT64_C(7), .fp = regs->fp};
    bool in_door = w.pc >= UF_DOOR_BASE && w.pc < UF_DOOR_BASE + UF_DOOR_SIZE;
    struct text t = text_over(out, cap);

    for (unsigned i = 0; i < TRACE_FRAMES; i++) {
        bool framed = i > 0 || !in_door ? keeps_frame(&w) : false;

        if ((i > 0 || !in_door) && print_frame(&t, &w))
            break;
        if (i == 0 && !framed && is_return_address(g, regs->lr))
            w.pc = regs->lr - 1;
        else if (framed ? !step_frame(&w) : !step_scan(&w))
            break;
    }
}
