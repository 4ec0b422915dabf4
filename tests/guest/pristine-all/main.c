// SPDX-License-Identifier: MIT
/*
 * pristine-all: nothing of one event is there for the next, wherever it was put:
 * every register, data, heap, stack, what the C library remembers, and 1 MiB of
 * pages chosen at random. An event that finds something fails and says what.
 *
 * A body says how to end once everything is spoilt: "crash", "loop", "abort";
 * without one the response goes out past the library OS, with no register left
 * as the compiler would have it.
 */
#include <errno.h>
#include <fenv.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <unifaas.h>

#include "../arch/pristine.h"
#include "../knock.h"

#define PAGE  4096u
#define PAGES 512u /* of the field: every other one is zero after init */
#define SPOIL 256u /* pages that are overwritten: 1 MiB                */
#define WORDS (PAGE / sizeof(uint64_t))
#define HEAP  40000u

static uint64_t field[PAGES][WORDS] __attribute__((aligned(4096)));
static uint64_t initialised[600] = {1, 2, 3};
static uint64_t zeroed[600];
static _Thread_local int thread_value = 77;
static _Thread_local int thread_zero;
static uint64_t *from_init; /* in the heap */
static int first_random;
static volatile int never;
static volatile int *volatile nowhere;

static uint64_t pattern(size_t page, size_t word)
{
    return (page & 1) == 0 ? 0 : (page * WORDS + word) * UINT64_C(0x9e3779b97f4a7c15);
}

int init(void)
{
    srand(41);
    first_random = rand();
    srand(41);
    from_init = malloc(HEAP);
    for (size_t i = 0; from_init != NULL && i < HEAP / sizeof(uint64_t); i++)
        from_init[i] = i * 3;
    for (size_t p = 0; p < PAGES; p++)
        for (size_t w = 0; w < WORDS && (p & 1) != 0; w++)
            field[p][w] = pattern(p, w);
    return from_init == NULL;
}

static const char *memory_is_not(void)
{
    for (size_t p = 0; p < PAGES; p++)
        for (size_t w = 0; w < WORDS; w++)
            if (field[p][w] != pattern(p, w))
                return "a page of the field";
    for (size_t i = 0; i < 600; i++)
        if (initialised[i] != (i < 3 ? i + 1 : 0) || zeroed[i] != 0)
            return "data";
    for (size_t i = 0; i < HEAP / sizeof(uint64_t); i++)
        if (from_init[i] != i * 3)
            return "what init allocated";
    return NULL;
}

/* What lies below us on the stack, and in memory that malloc gives. */
static const char *free_memory_is_not(void)
{
    const unsigned char *here = __builtin_frame_address(0);
    uint64_t *fresh = malloc(HEAP);
    const char *found = NULL;

    /* This far down nobody has been in this event. */
    if (!pristine_all_zero(here - 60000, 0, 50000))
        found = "the stack";
    for (size_t i = 0; fresh != NULL && i < HEAP / sizeof(uint64_t); i++)
        if (fresh[i] != 0)
            found = "the heap";
    if (fresh == NULL)
        found = "the size of the heap";
    else
        memset(fresh, 0x5a, HEAP);
    return found;
}

static const char *library_is_not(void)
{
    char text[] = "a b";

    if (errno != 0)
        return "errno";
    if (strcmp(setlocale(LC_ALL, NULL), "C") != 0)
        return "the locale";
    if (fegetround() != FE_TONEAREST || fetestexcept(FE_ALL_EXCEPT) != 0)
        return "the rounding mode";
    if (thread_value != 77 || thread_zero != 0)
        return "thread-local storage";
    if (getenv("ADDED") != NULL)
        return "the environment";
    if (rand() != first_random)
        return "the state of rand";
    if (strtok(NULL, " ") != NULL)
        return "the place of strtok";
    return strtok(text, " ") == text ? NULL : "strtok";
}

__attribute__((noinline)) static void spoil_stack(void)
{
    char area[60000];
    char *volatile p = area;

    memset(p, 0x5a, sizeof(area));
}

static int spoil_library(void)
{
    errno = ERANGE;
    thread_value = thread_zero = 5;
    (void)putenv((char *)(uintptr_t) "ADDED=1");
    (void)setlocale(LC_ALL, "C.UTF-8");
    (void)fesetround(FE_UPWARD);
    (void)feraiseexcept(FE_ALL_EXCEPT);
    (void)printf("no newline");
    return atexit(abort) + (int)mbrlen("\xc3", 1, NULL);
}

static void spoil_memory(void)
{
    uint16_t which[SPOIL];

    (void)uf_random(which, sizeof(which));
    for (size_t i = 0; i < SPOIL; i++)
        memset(field[which[i] % PAGES], 0xa5, PAGE);
    memset(initialised, 0xa5, sizeof(initialised));
    memset(zeroed, 0xa5, sizeof(zeroed));
    memset(from_init, 0xa5, HEAP);
}

static _Noreturn void respond_ok(void)
{
    static const char ok[] = "ok";
    const uint64_t block[] = {2, 0, 0, 0, 0, (uintptr_t)ok, 2, 0, 0};

    for (unsigned i = 0; i < sizeof(block) / sizeof(block[0]); i++)
        uf_door_block[i] = block[i];
    pristine_spoil_vectors();
    pristine_leave();
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *(*const looks[])(void) = {pristine_registers, library_is_not, memory_is_not,
                                          free_memory_is_not};
    const char *how = uf_event_body(event);

    for (unsigned i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        const char *what = looks[i]();

        if (what != NULL) {
            (void)uf_respond_printf(response, "%s is not as init left it", what);
            return 1;
        }
    }
    spoil_stack();
    spoil_memory();
    (void)spoil_library();
    if (strcmp(how, "crash") == 0)
        return *nowhere;
    if (strcmp(how, "abort") == 0)
        abort();
    while (strcmp(how, "loop") == 0 && never == 0)
        continue;
    respond_ok();
}
