// SPDX-License-Identifier: MIT
/* test_guest_random.c: the guest's generator is ChaCha20, and stays silent
 * without an event. libsodium is the reference. */
// LINK: guest/core/random.c
// LIBS: libsodium
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"
#include "tests/tap.h"

bool uf_in_event;

static void reference(const uint8_t entropy[static 32], uint8_t *out, size_t size)
{
    static const uint8_t nonce[8] = {0};
    uint8_t key[32];

    memcpy(key, entropy, 24);
    memcpy(key + 24, "ufrandom", 8);
    CHECK(crypto_stream_chacha20(out, size, nonce, key) == 0);
}

static void the_stream_is_chacha20_however_it_is_read(void)
{
    static const size_t steps[] = {1, 7, 63, 64, 65, 200};
    uint8_t entropy[32];
    uint8_t want[600];
    uint8_t got[600];

    for (unsigned i = 0; i < sizeof(entropy); i++)
        entropy[i] = (uint8_t)(i * 37 + 5);
    reference(entropy, want, sizeof(want));
    uf_in_event = true;
    for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
        uf_random_seed(entropy);
        for (size_t at = 0; at < sizeof(got); at += steps[s]) {
            size_t n = sizeof(got) - at < steps[s] ? sizeof(got) - at : steps[s];

            CHECK(uf_random(got + at, n) == UF_OK);
        }
        CHECK(memcmp(got, want, sizeof(got)) == 0);
    }
}

static void another_seed_gives_another_stream(void)
{
    uint8_t entropy[32] = {0};
    uint8_t a[32];
    uint8_t b[32];

    uf_in_event = true;
    uf_random_seed(entropy);
    CHECK(uf_random(a, sizeof(a)) == UF_OK);
    entropy[23] = 1;
    uf_random_seed(entropy);
    CHECK(uf_random(b, sizeof(b)) == UF_OK);
    CHECK(memcmp(a, b, sizeof(a)) != 0);
}

static void the_stack_protectors_bytes_are_not_used(void)
{
    uint8_t entropy[32] = {0};
    uint8_t a[32];
    uint8_t b[32];

    uf_in_event = true;
    uf_random_seed(entropy);
    CHECK(uf_random(a, sizeof(a)) == UF_OK);
    memset(entropy + 24, 0xff, 8);
    uf_random_seed(entropy);
    CHECK(uf_random(b, sizeof(b)) == UF_OK);
    CHECK(memcmp(a, b, sizeof(a)) == 0);
}

static void without_an_event_there_is_nothing(void)
{
    uint8_t buf[300] = {9};

    uf_in_event = false;
    CHECK(uf_random(buf, sizeof(buf)) == UF_NOT_AVAILABLE);
    CHECK(getentropy(buf, sizeof(buf)) == -1);
    CHECK(buf[0] == 9);
    uf_in_event = true;
    CHECK(getentropy(buf, 257) == -1);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(the_stream_is_chacha20_however_it_is_read),
        TAP_CASE(another_seed_gives_another_stream),
        TAP_CASE(the_stack_protectors_bytes_are_not_used),
        TAP_CASE(without_an_event_there_is_nothing),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
