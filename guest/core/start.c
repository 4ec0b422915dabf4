// SPDX-License-Identifier: MIT
/*
 * start.c: the two ways into an image.
 *
 * boot: thread block, locale, heap, environment, constructors, init(), READY.
 * event: stack protector, response, handle(), DONE.
 *
 * Both run on an empty stack and never return, and the second changes the
 * stack protector's value while it is running, so neither is protected.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/core/response.h"
#include "guest/include/unifaas.h"

#define UNPROTECTED __attribute__((no_stack_protector))

/* The boot has no entropy, so init's stack is guarded by a value that anybody
 * can know: it finds mistakes, which is all that init's trusted input needs. */
#define BOOT_CANARY UINT64_C(0x5bd1e995c6a4a700)

/* note.S, the linker script and entry.S hold these numbers in their own way. */
_Static_assert(UF_ABI_VERSION == 1 && UF_NOTE_TYPE == 1, "guest/core/note.S");
_Static_assert(UF_IMAGE_BASE == 0x10000000 && UF_ALIGN == 0x10000, "guest/link/function.lds");
_Static_assert(UF_STACK_USUAL == 0x40000, "guest/link/function.lds");

UF_HOT const struct uf_boot *uf_boot_block;
UF_HOT bool uf_in_event;

extern char **__environ;

/* From the linker script. */
extern void (*const uf_constructors[])(void), (*const uf_constructors_end[])(void);

__attribute__((weak)) int init(void)
{
    return 0;
}

static void set_environment(const struct uf_boot *boot)
{
    const char *at = (const char *)(boot + 1);
    const char *end = at + boot->env_size;
    char **env = calloc(boot->env_count + 1, sizeof(*env));

    if (env == NULL)
        uf_give_up(UF_FAIL_ABORT, 0, "no memory for the environment");
    /* The strings stay where they are: in memory that is ours to write. */
    for (uint32_t i = 0; i < boot->env_count && at < end; i++) {
        env[i] = (char *)(uintptr_t)at;
        at += strlen(at) + 1;
    }
    __environ = env;
}

UNPROTECTED _Noreturn void uf_boot_main(const struct uf_boot *boot)
{
    uf_boot_block = boot;
    uf_thread_start();
    uf_thread_canary(BOOT_CANARY);
    (void)uselocale(LC_GLOBAL_LOCALE);
    uf_malloc_start(boot->heap_start, boot->heap_end);
    set_environment(boot);
    for (size_t i = 0; &uf_constructors[i] != uf_constructors_end; i++)
        uf_constructors[i]();

    int r = init();
    uf_malloc_split();
    uf_log_drain();
    uf_door_last(&(struct uf_call){UF_OP_READY, {(uint64_t)(int64_t)r}});
}

UNPROTECTED _Noreturn void uf_event_main(const struct uf_boot *boot)
{
    static UF_HOT struct uf_response response;
    const struct uf_event *event = (const struct uf_event *)(uintptr_t)UF_EVENT_BASE;
    uint64_t canary;

    uf_boot_block = boot;
    uf_in_event = true;
    memcpy(&canary, event->l.entropy + 24, sizeof(canary));
    uf_thread_canary(canary);
    uf_random_seed(event->l.entropy);
    uf_door_block.oom = 0;
    uf_log_start();
    response_init(&response);

    int r = handle(event, &response);
    uf_log_drain();
    r = response_judge(&response, r);
    uf_door_last(
        &(struct uf_call){UF_OP_DONE,
                          {(uint64_t)(int64_t)r, response.status, uf_addr(response.headers),
                           response.headers_size, uf_addr(response.body), response.body_size}});
}

const char *uf_function_name(void)
{
    return uf_boot_block->name;
}
