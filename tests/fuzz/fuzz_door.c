// SPDX-License-Identifier: MIT
// LINK: tender/core/door.c tender/core/ask.c tender/core/outcome.c tender/core/trace.c tender/core/symbols.c
// LINK: tender/core/gmem.c tender/core/host.c @arch
/*
 * fuzz_door: whatever a guest puts into its door block and its memory, the
 * result stays within its limits and nothing outside the exchange is written.
 * The input is the door block, then the guest's registers, then its RAM. The
 * platform, played by frames_recv(), answers with what lies in the registers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tender/core/frames.h"
#include "tender/core/outcome.h"

#define RAM_START (UF_IMAGE_BASE - UF_ALIGN)
#define RAM_SIZE  (4 * UF_ALIGN)
#define BLOCK     (UF_IMAGE_BASE + UF_ALIGN)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t ram[RAM_SIZE];
static struct machine_regs regs;

static int fake_read(struct machine *m, uint64_t addr, void *dst, size_t len)
{
    (void)m;
    memcpy(dst, ram + (addr - RAM_START), len);
    return 0;
}

static int fake_write(struct machine *m, const struct piece *p, size_t n)
{
    (void)m;
    for (size_t i = 0; i < n; i++)
        memcpy(ram + (p[i].addr - RAM_START), p[i].src, p[i].len);
    return 0;
}

static int fake_regs(struct machine *m, struct machine_regs *out)
{
    (void)m;
    *out = regs;
    return 0;
}

static struct uf_ask *question; /* in the exchange */
static bool is_asleep;

void alarm_at(struct alarm *a, uint64_t now_ns, uint64_t due_ns)
{
    if (due_ns <= now_ns)
        abort();
    a->due_ns = due_ns;
    is_asleep = true;
}

int frames_send(const struct uf_frame *f)
{
    if (f->type != UF_FRAME_CALL || question->name_size > UF_NAME_MAX)
        abort();
    return 0;
}

/* A good platform: its answers fit. */
int frames_recv(struct uf_frame *f, int fds[static FRAME_FDS])
{
    const uint8_t *random = (const uint8_t *)&regs;

    for (unsigned i = 0; i < FRAME_FDS; i++)
        fds[i] = -1;
    if (is_asleep)
        return -EINTR;
    *f = (struct uf_frame){.type = UF_FRAME_ANSWER};
    question->ret = (int64_t)random[0] - 128;
    question->size = random[1];
    question->headers_size = random[1] / 2u;
    question->status = random[2];
    return 1;
}

void frames_close(const int fds[static FRAME_FDS])
{
    if (fds[0] != -1)
        abort();
}

bool invoke_is_over(struct invoke *v)
{
    v->wake_ns = 0;
    is_asleep = false;
    return false;
}

static const struct machine_ops ops = {
    .name = "fake", .read = fake_read, .write = fake_write, .regs = fake_regs};

static const struct uf_snapshot snap = {
    .ram_start = RAM_START,
    .ram_end = RAM_START + RAM_SIZE,
    .door_block = BLOCK,
    .nregions = 3,
    .region = {{RAM_START, UF_IMAGE_BASE, UF_PROT_READ | UF_PROT_WRITE, 0},
               {UF_IMAGE_BASE, BLOCK, UF_PROT_READ | UF_PROT_EXEC, 0},
               {BLOCK, RAM_START + RAM_SIZE, UF_PROT_READ | UF_PROT_WRITE, 0}},
};

static void check(const struct invoke *v, const struct uf_limits *l)
{
    const struct uf_result *r = v->result;

    if (r->outcome >= UF_NOUTCOMES || r->log_size > l->log_max || r->body_size > l->body_max ||
        r->headers_size > UF_HEADERS_MAX || memchr(r->message, 0, UF_MESSAGE_MAX) == NULL ||
        memchr(r->trace, 0, UF_TRACE_MAX) == NULL || v->effects_size > l->effects_max)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct machine machine = {.ops = &ops};
    const struct uf_limits l = {.event_max = UF_ALIGN,
                                .log_max = 64,
                                .body_max = 4096,
                                .host_calls = 2,
                                .effects_max = 128,
                                .timeout_ns = 1,
                                .cpu_ns = 1,
                                .memory = RAM_SIZE};

    if (size < sizeof(struct uf_door) + sizeof(regs))
        return 0;
    size_t rest = size - sizeof(struct uf_door) - sizeof(regs);
    memset(ram, 0, sizeof(ram));
    memcpy(ram, data + sizeof(struct uf_door) + sizeof(regs), rest < RAM_SIZE ? rest : RAM_SIZE);
    memcpy(ram + (BLOCK - RAM_START), data, sizeof(struct uf_door));
    memcpy(&regs, data + sizeof(struct uf_door), sizeof(regs));
    /* Of exactly its size, so that the sanitizer sees its end. */
    uint8_t *exchange = calloc(1, uf_exchange_size(&l));
    if (exchange == NULL)
        return 0;
    struct invoke v = {.gmem = {.machine = &machine, .snap = &snap},
                       .limits = l,
                       .exchange = exchange,
                       .result = (struct uf_result *)(exchange + l.event_max),
                       .booting = (data[0] & 0x80) != 0};
    question = (struct uf_ask *)(exchange + uf_exchange_ask(&l));
    for (int i = 0; i < 4 && door_serve(&v) == 1; i++)
        check(&v, &l);
    outcome_look_back(&v, (data[5] & 1) != 0);
    check(&v, &l);
    free(exchange);
    return 0;
}
