// SPDX-License-Identifier: MIT
/*
 * cxx.c: what C++ without exceptions needs of its run time (Itanium C++ ABI):
 * new and delete, guards of local statics, pure virtual calls. Written in C
 * with the mangled names, so that no C++ library is linked.
 */
#include <stdint.h>
#include <stdlib.h>

#include "guest/core/core.h"

void *__dso_handle;

void *new_(size_t size) __asm__("_Znwm");
void *new_array(size_t size) __asm__("_Znam");
void *new_at(size_t size, size_t align) __asm__("_ZnwmSt11align_val_t");
void delete_(void *p) __asm__("_ZdlPv");
void delete_array(void *p) __asm__("_ZdaPv");
void delete_sized(void *p, size_t size) __asm__("_ZdlPvm");
void delete_array_sized(void *p, size_t size) __asm__("_ZdaPvm");
void delete_at(void *p, size_t size, size_t align) __asm__("_ZdlPvmSt11align_val_t");
int __cxa_guard_acquire(uint8_t *guard);
void __cxa_guard_release(uint8_t *guard);
void __cxa_guard_abort(uint8_t *guard);
_Noreturn void __cxa_pure_virtual(void);

/* Without exceptions a new that fails has nowhere to go. */
static void *must(void *p)
{
    if (p == NULL)
        uf_give_up(UF_FAIL_ABORT, 0, "operator new: out of memory");
    return p;
}

void *new_(size_t size)
{
    return must(malloc(size));
}

void *new_array(size_t size)
{
    return must(malloc(size));
}

void *new_at(size_t size, size_t align)
{
    return must(aligned_alloc(align, size));
}

void delete_(void *p)
{
    free(p);
}

void delete_array(void *p)
{
    free(p);
}

void delete_sized(void *p, size_t size)
{
    (void)size;
    free(p);
}

void delete_array_sized(void *p, size_t size)
{
    (void)size;
    free(p);
}

void delete_at(void *p, size_t size, size_t align)
{
    (void)size;
    (void)align;
    free(p);
}

int __cxa_guard_acquire(uint8_t *guard)
{
    return *guard == 0;
}

void __cxa_guard_release(uint8_t *guard)
{
    *guard = 1;
}

void __cxa_guard_abort(uint8_t *guard)
{
    *guard = 0;
}

_Noreturn void __cxa_pure_virtual(void)
{
    uf_give_up(UF_FAIL_ABORT, 0, "a pure virtual function was called");
}
