// SPDX-License-Identifier: MIT
/* outcome.c: see outcome.h. */
#include "tender/core/outcome.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "tender/core/trace.h"

int outcome_set(struct invoke *v, enum uf_outcome o, const char *fmt, ...)
{
    va_list ap;

    v->result->outcome = o;
    va_start(ap, fmt);
    (void)vsnprintf(v->result->message, sizeof(v->result->message), fmt, ap);
    va_end(ap);
    return 0;
}

void outcome_trace(struct invoke *v)
{
    struct machine_regs regs;
    struct machine *m = v->gmem.machine;

    if (m->ops->regs(m, &regs) == 0)
        trace_format(v->result->trace, sizeof(v->result->trace), &v->gmem, &v->symbols, &regs);
}

/* What lies at an address, for a person. */
static const char *place(const struct invoke *v, uint64_t addr)
{
    const struct uf_snapshot *s = v->gmem.snap;

    if (addr < UF_ALIGN)
        return "a null pointer";
    if (addr >= UF_EVENT_BASE && addr < UF_EVENT_BASE + v->limits.event_max)
        return "the event, which is read-only";
    if (addr >= UF_DOOR_BASE && addr < UF_DOOR_BASE + UF_DOOR_SIZE)
        return "the door page";
    if (gmem_check(s, (struct uf_gva){addr}, 1, UF_PROT_EXEC) == 0)
        return "code";
    if (gmem_check(s, (struct uf_gva){addr}, 1, UF_PROT_WRITE) == 0)
        return "data, which cannot be executed";
    if (gmem_check(s, (struct uf_gva){addr}, 1, UF_PROT_READ) == 0)
        return "constants";
    return "no memory of this function";
}

/* The first stretch above the door is 24 MiB from any stack: who gets there
 * looked for the device that aarch64's door has under kvm. */
static bool is_stack_guard(const struct invoke *v, uint64_t addr)
{
    return addr >= UF_DOOR_BASE + UF_DOOR_SIZE + UF_ALIGN && addr < v->gmem.snap->ram_start;
}

/* Not every backend learns whether an access was a read or a write. Where
 * reading is allowed it was a write; elsewhere neither was. */
static bool is_readable(const struct invoke *v, uint64_t addr)
{
    return (addr >= UF_EVENT_BASE && addr < UF_EVENT_BASE + v->limits.event_max) ||
           (addr >= UF_DOOR_BASE && addr < UF_DOOR_BASE + UF_DOOR_SIZE) ||
           gmem_check(v->gmem.snap, (struct uf_gva){addr}, 1, UF_PROT_READ) == 0;
}

static void access_fault(struct invoke *v, const struct stop *s)
{
    const char *did = s->fault == FAULT_EXECUTE ? "jump to"
                      : is_readable(v, s->addr) ? "write to"
                                                : "access to";

    if (is_stack_guard(v, s->addr) && s->fault != FAULT_EXECUTE)
        outcome_set(v, UF_OUTCOME_STACK_OVERFLOW,
                    "stack overflow: %s 0x%" PRIx64 ", below the stack of %" PRIu64 " bytes", did,
                    s->addr, UF_IMAGE_BASE - v->gmem.snap->ram_start);
    else
        outcome_set(v, UF_OUTCOME_FAULT, "%s 0x%" PRIx64 ": %s", did, s->addr, place(v, s->addr));
}

static void fault(struct invoke *v, const struct stop *s)
{
    static const char *const words[] = {
        [FAULT_ILLEGAL] = "illegal instruction",
        [FAULT_PRIVILEGED] = "privileged instruction, or an address that is none at all",
        [FAULT_DIVIDE] = "integer division by zero or overflow",
        [FAULT_FLOAT] = "floating point exception",
        [FAULT_TRAP] = "breakpoint or single step",
        [FAULT_ALIGN] = "misaligned access",
    };

    if (s->fault == FAULT_ACCESS || s->fault == FAULT_EXECUTE)
        access_fault(v, s);
    else if (s->fault == FAULT_OTHER)
        outcome_set(v, UF_OUTCOME_FAULT, "processor exception %" PRIu64, s->addr);
    else
        outcome_set(v, UF_OUTCOME_FAULT, "%s", words[s->fault]);
}

void outcome_of_stop(struct invoke *v, const struct stop *s)
{
    switch (s->kind) {
    case STOP_FAULT:
        fault(v, s);
        break;
    case STOP_SYSCALL:
        outcome_set(v, UF_OUTCOME_SYSTEM_CALL,
                    "system call %" PRIu64 ": not available in a unikernel", s->addr);
        break;
    case STOP_DEAD:
        outcome_set(v, UF_OUTCOME_TENDER_LOST, "the %s machine stopped for good, reason %" PRIu64,
                    v->gmem.machine->ops->name, s->addr);
        return;
    case STOP_DOOR:
    case STOP_INTERRUPTED:
        return;
    }
    outcome_trace(v);
}

void outcome_look_back(struct invoke *v, bool was_cut)
{
    struct uf_door d;
    uint32_t o = v->result->outcome;
    struct uf_gva block = {v->gmem.snap->door_block};
    bool stumbled = o == UF_OUTCOME_ERROR || o == UF_OUTCOME_EXIT || o == UF_OUTCOME_ABORT ||
                    o == UF_OUTCOME_ASSERT || o == UF_OUTCOME_FAULT;

    if (o == UF_OUTCOME_OK || gmem_read(&v->gmem, block, &d, sizeof(d)) < 0)
        return;
    if (was_cut)
        (void)door_copy_log(v, &d);
    if (d.oom == 0)
        return;
    v->result->oom = 1;
    if (!stumbled || (o == UF_OUTCOME_EXIT && v->result->status == 0))
        return;
    outcome_set(v, UF_OUTCOME_OUT_OF_MEMORY,
                "out of memory: an allocation of %" PRIu64 " bytes failed; the limit is %" PRIu64
                " bytes for code, heap and stack together; raise `memory`",
                d.oom_bytes, v->limits.memory);
}
