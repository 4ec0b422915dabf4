// SPDX-License-Identifier: MIT
/*
 * fail.c: the ways in which a function ends itself, each with its reason.
 */
#include <stdlib.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"

void uf_message_add(struct uf_message *m, const char *text)
{
    size_t room = sizeof(m->text) - 1 - m->size;
    size_t n = strnlen(text, room);

    memcpy(m->text + m->size, text, n);
    m->size += n;
    m->text[m->size] = '\0';
}

void uf_message_number(struct uf_message *m, uint64_t value, unsigned base)
{
    char digits[24];
    size_t at = sizeof(digits) - 1;

    digits[at] = '\0';
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    uf_message_add(m, digits + at);
}

_Noreturn void uf_give_up(enum uf_fail_reason why, int status, const char *message)
{
    uf_log_drain();
    uf_door_last(&(struct uf_call){
        UF_OP_FAIL, {why, (uint64_t)(int64_t)status, uf_addr(message), strlen(message), 0, 0}});
}

_Noreturn void uf_give_up_traced(const char *message, const char *trace)
{
    uf_log_drain();
    uf_door_last(&(struct uf_call){
        UF_OP_FAIL,
        {UF_FAIL_ERROR, 0, uf_addr(message), strlen(message), uf_addr(trace), strlen(trace)}});
}

_Noreturn void abort(void)
{
    uf_give_up(UF_FAIL_ABORT, 0, "abort() was called");
}

_Noreturn void __assert_fail(const char *expr, const char *file, int line, const char *func);
_Noreturn void __assert_fail(const char *expr, const char *file, int line, const char *func)
{
    struct uf_message m = {.size = 0};

    uf_message_add(&m, "assertion failed: ");
    uf_message_add(&m, expr);
    uf_message_add(&m, " (");
    uf_message_add(&m, file);
    uf_message_add(&m, ":");
    uf_message_number(&m, (uint64_t)line, 10);
    uf_message_add(&m, ", ");
    uf_message_add(&m, func);
    uf_message_add(&m, ")");
    uf_give_up(UF_FAIL_ASSERT, 0, m.text);
}

/* Called by code that the compiler's stack protector adds. */
_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
    uf_give_up(UF_FAIL_SMASH, 0, "a local array was written past its end");
}

_Noreturn void _Exit(int status)
{
    uf_give_up(UF_FAIL_EXIT, status, "");
}

_Noreturn void _exit(int status);
_Noreturn void _exit(int status)
{
    _Exit(status);
}

/* musl defines these where atexit() and at_quick_exit() are used. */
extern void __funcs_on_exit(void) __attribute__((weak));
extern void __funcs_on_quick_exit(void) __attribute__((weak));

/* From the linker script. */
extern void (*const uf_destructors[])(void), (*const uf_destructors_end[])(void);

_Noreturn void exit(int status)
{
    if (__funcs_on_exit != NULL)
        __funcs_on_exit();
    for (size_t i = (size_t)(uf_destructors_end - uf_destructors); i > 0; i--)
        uf_destructors[i - 1]();
    _Exit(status);
}

_Noreturn void quick_exit(int status)
{
    if (__funcs_on_quick_exit != NULL)
        __funcs_on_quick_exit();
    _Exit(status);
}
