// SPDX-License-Identifier: MIT
/* test_heap.c: the guest's allocator against a model of what it owes. */
// LINK: guest/core/heap.c
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "guest/core/heap.h"
#include "tests/tap.h"

#define ARENA (1u << 20)
#define SLOTS 400u

static uint8_t arena[ARENA] __attribute__((aligned(64)));
static struct heap heap;
static jmp_buf broken;
static const char *broken_what;

_Noreturn void heap_broken(const char *what, const void *p)
{
    (void)p;
    broken_what = what;
    longjmp(broken, 1);
}

static void begin(void)
{
    memset(arena, 0, sizeof(arena));
    heap_init(&heap, (uintptr_t)arena, (uintptr_t)arena + sizeof(arena));
}

/* Is the heap as it was before the first allocation? */
static int is_empty(void)
{
    return heap.top == heap.base && heap.rows == 0 && heap.last == 0 && heap_is_sound(&heap);
}

/* ---- the model ------------------------------------------------------------------- */

struct slot {
    uint8_t *p;
    size_t size;
    uint8_t fill;
};

static struct slot slots[SLOTS];
static uint32_t seed;

static uint32_t chance(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static size_t some_size(void)
{
    return chance(10) == 0 ? chance(30000) : chance(300);
}

static int is_filled(const uint8_t *p, size_t size, uint8_t fill)
{
    for (size_t i = 0; i < size; i++)
        if (p[i] != fill)
            return 0;
    return 1;
}

static void put(struct slot *s)
{
    size_t align = chance(8) == 0 ? (size_t)16 << chance(8) : 16;
    bool zero = false;

    s->size = some_size();
    s->fill = (uint8_t)(1 + chance(255));
    s->p = align > 16 ? heap_alloc_at(&heap, align, s->size) : heap_alloc(&heap, s->size, &zero);
    if (s->p == NULL)
        return;
    CHECK((uintptr_t)s->p % align == 0);
    CHECK(s->p >= arena && s->p + s->size <= arena + sizeof(arena));
    CHECK(heap_size(&heap, s->p) >= s->size);
    CHECK(!zero || is_filled(s->p, s->size, 0));
    memset(s->p, s->fill, s->size);
}

static void resize(struct slot *s)
{
    size_t size = some_size();
    uint8_t *p = heap_resize(&heap, s->p, size);

    if (p == NULL)
        return;
    CHECK(is_filled(p, size < s->size ? size : s->size, s->fill));
    s->p = p;
    s->size = size;
    memset(p, s->fill, size);
}

static void drop(struct slot *s)
{
    CHECK(is_filled(s->p, s->size, s->fill));
    heap_free(&heap, s->p);
    s->p = NULL;
}

static void random_work_keeps_every_byte_and_gives_everything_back(void)
{
    for (seed = 1; seed < 6; seed++) {
        uint32_t first = seed;

        begin();
        for (unsigned i = 0; i < 20000; i++) {
            struct slot *s = &slots[chance(SLOTS)];

            if (s->p == NULL)
                put(s);
            else if (chance(3) == 0)
                resize(s);
            else
                drop(s);
            if (i % 64 == 0)
                CHECK(heap_is_sound(&heap));
        }
        for (unsigned i = 0; i < SLOTS; i++)
            if (slots[i].p != NULL)
                drop(&slots[i]);
        CHECK(is_empty());
        seed = first;
    }
}

/* ---- single promises ---------------------------------------------------------------- */

static void an_exhausted_heap_says_no_and_recovers(void)
{
    static void *all[ARENA / 1024];
    size_t n = 0;

    begin();
    while (n < ARENA / 1024 && (all[n] = heap_alloc(&heap, 1008, NULL)) != NULL)
        n++;
    CHECK(n == ARENA / 1024); /* to the last byte: 1008 and the header */
    CHECK(heap_alloc(&heap, 1, NULL) == NULL);
    CHECK(heap_resize(&heap, all[5], 2000) == NULL);
    heap_free(&heap, all[7]);
    CHECK(heap_alloc(&heap, 1008, NULL) == all[7]);
    for (size_t i = 0; i < n; i += 2)
        heap_free(&heap, all[i]);
    CHECK(heap_alloc(&heap, 2000, NULL) == NULL); /* half is free, in pieces */
    for (size_t i = 1; i < n; i += 2)
        heap_free(&heap, all[i]);
    CHECK(is_empty());
    CHECK(heap_alloc(&heap, ARENA - 16, NULL) != NULL);
}

static void freed_neighbours_become_one_block(void)
{
    begin();
    char *a = heap_alloc(&heap, 100, NULL);
    char *b = heap_alloc(&heap, 100, NULL);
    char *c = heap_alloc(&heap, 100, NULL);
    char *d = heap_alloc(&heap, 100, NULL);

    heap_free(&heap, a);
    heap_free(&heap, c);
    heap_free(&heap, b);
    CHECK(heap_alloc(&heap, 350, NULL) == a);
    heap_free(&heap, d);
    CHECK(heap_is_sound(&heap));
}

static void impossible_sizes_get_nothing(void)
{
    begin();
    CHECK(heap_alloc(&heap, SIZE_MAX, NULL) == NULL);
    CHECK(heap_alloc(&heap, SIZE_MAX - 20, NULL) == NULL);
    CHECK(heap_alloc(&heap, ARENA, NULL) == NULL);
    CHECK(heap_alloc_at(&heap, (size_t)1 << 40, 1) == NULL);
    CHECK(heap_alloc_at(&heap, 4096, SIZE_MAX - 4096) == NULL);
    CHECK(heap_alloc(&heap, 0, NULL) != NULL);
    void *p = heap_alloc(&heap, 10, NULL);
    CHECK(heap_resize(&heap, p, SIZE_MAX) == NULL);
    CHECK(heap_is_sound(&heap));
}

static void a_heap_without_room_is_no_crash(void)
{
    heap_init(&heap, (uintptr_t)arena + 8, (uintptr_t)arena + 8);
    CHECK(heap_alloc(&heap, 0, NULL) == NULL);
    heap_init(&heap, (uintptr_t)arena + 1, (uintptr_t)arena + 40);
    CHECK(heap_alloc(&heap, 16, NULL) == NULL);
}

static void only_memory_never_written_counts_as_zero(void)
{
    bool zero = false;

    begin();
    char *p = heap_alloc(&heap, 5000, &zero);
    CHECK(zero);
    memset(p, 1, 5000);
    heap_free(&heap, p);
    CHECK(heap_alloc(&heap, 100, &zero) == p);
    CHECK(!zero);
    CHECK(heap_alloc(&heap, 10000, &zero) != NULL);
    CHECK(!zero); /* its first part was written before */
    CHECK(heap_alloc(&heap, 100, &zero) != NULL);
    CHECK(zero);
}

static void a_heap_is_cut_above_its_last_block(void)
{
    struct heap rest;
    bool zero;

    begin();
    char *a = heap_alloc(&heap, 100, NULL);
    char *b = heap_alloc(&heap, 300000, NULL);
    CHECK(a != NULL && b != NULL);
    memset(b, 'x', 300000);
    heap_free(&heap, b);
    heap_split(&heap, &rest, 4096);
    CHECK(rest.base % 4096 == 0 && rest.base == heap.end && rest.base - heap.top < 4096);
    CHECK(rest.end == (uintptr_t)arena + sizeof(arena));
    CHECK(heap_is_sound(&heap) && heap_is_sound(&rest));
    /* What was written before the cut is still known to be. */
    CHECK(heap_alloc(&rest, 300000, &zero) != NULL && !zero);
    CHECK(heap_alloc(&rest, 200000, &zero) != NULL && zero);
    CHECK(heap_resize(&heap, a, 5000) == NULL);
    heap_free(&heap, a);
    CHECK(is_empty());
}

static void a_full_heap_is_cut_to_nothing(void)
{
    struct heap rest;

    begin();
    char *a = heap_alloc(&heap, sizeof(arena) - 16, NULL);
    CHECK(a != NULL);
    heap_split(&heap, &rest, 4096);
    CHECK(heap_alloc(&rest, 1, NULL) == NULL && heap_alloc_at(&rest, 64, 1) == NULL);
    heap_free(&heap, a);
    CHECK(heap_alloc(&heap, sizeof(arena) - 16, NULL) == a);
}

static void growing_the_last_block_moves_nothing(void)
{
    begin();
    void *p = heap_alloc(&heap, 100, NULL);

    CHECK(heap_resize(&heap, p, 100000) == p);
    CHECK(heap_resize(&heap, p, 50) == p);
    CHECK(heap_size(&heap, p) < 100);
    heap_free(&heap, p);
    CHECK(is_empty());
}

/* ---- mistakes ------------------------------------------------------------------------ */

#define BREAKS(statement, word)                     \
    do {                                            \
        broken_what = "";                           \
        if (setjmp(broken) == 0) {                  \
            statement;                              \
        }                                           \
        CHECK(strstr(broken_what, (word)) != NULL); \
    } while (0)

static void a_double_free_is_caught(void)
{
    begin();
    char *a = heap_alloc(&heap, 100, NULL);
    char *b = heap_alloc(&heap, 100, NULL);
    char *c = heap_alloc(&heap, 100, NULL);

    heap_free(&heap, a);
    BREAKS(heap_free(&heap, a), "twice");
    heap_free(&heap, b); /* merges into a */
    BREAKS(heap_free(&heap, b), "twice");
    heap_free(&heap, c); /* everything merges into top */
    BREAKS(heap_free(&heap, c), "twice");
    BREAKS((void)heap_resize(&heap, a, 10), "twice");
}

static void foreign_pointers_are_caught(void)
{
    static char elsewhere[64] __attribute__((aligned(16)));

    begin();
    char *a = heap_alloc(&heap, 1000, NULL);
    memset(a, 0, 1000);
    BREAKS(heap_free(&heap, elsewhere + 16), "never allocated");
    BREAKS(heap_free(&heap, a + 64), "never allocated");
    BREAKS(heap_free(&heap, a + 3), "never allocated");
    BREAKS(heap_free(&heap, arena + ARENA - 16), "never allocated");
}

static void a_write_past_the_end_is_caught(void)
{
    begin();
    char *a = heap_alloc(&heap, 100, NULL);
    char *b = heap_alloc(&heap, 100, NULL);

    memset(a, 'x', heap_size(&heap, a) + 16);
    BREAKS(heap_free(&heap, b), "past the end");
    BREAKS(heap_free(&heap, a), "past the end");
}

static void a_write_after_free_is_caught_when_it_hits_a_header(void)
{
    begin();
    char *a = heap_alloc(&heap, 100, NULL);
    char *b = heap_alloc(&heap, 100, NULL);

    CHECK(heap_alloc(&heap, 100, NULL) != NULL);
    heap_free(&heap, b);
    memset(a, 'x', heap_size(&heap, a) + 16);
    BREAKS((void)heap_alloc(&heap, 100, NULL), "after it was freed");
}

static void the_walk_sees_damage(void)
{
    begin();
    char *a = heap_alloc(&heap, 100, NULL);

    CHECK(heap_alloc(&heap, 100, NULL) != NULL);
    CHECK(heap_is_sound(&heap));
    a[heap_size(&heap, a)] ^= 16;
    CHECK(!heap_is_sound(&heap));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(random_work_keeps_every_byte_and_gives_everything_back),
        TAP_CASE(an_exhausted_heap_says_no_and_recovers),
        TAP_CASE(freed_neighbours_become_one_block),
        TAP_CASE(impossible_sizes_get_nothing),
        TAP_CASE(a_heap_without_room_is_no_crash),
        TAP_CASE(only_memory_never_written_counts_as_zero),
        TAP_CASE(a_heap_is_cut_above_its_last_block),
        TAP_CASE(a_full_heap_is_cut_to_nothing),
        TAP_CASE(growing_the_last_block_moves_nothing),
        TAP_CASE(a_double_free_is_caught),
        TAP_CASE(foreign_pointers_are_caught),
        TAP_CASE(a_write_past_the_end_is_caught),
        TAP_CASE(a_write_after_free_is_caught_when_it_hits_a_header),
        TAP_CASE(the_walk_sees_damage),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
