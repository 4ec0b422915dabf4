// SPDX-License-Identifier: MIT
/*
 * random.c: random bytes, ChaCha20 (RFC 8439) keyed by the event's entropy.
 *
 * Without an event there is no entropy, and so no bytes: what init keeps in
 * memory is the same for every event, and must not look random.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"

#define BLOCK  64u
#define ROUNDS 10u /* double rounds */

static UF_HOT struct {
    uint32_t input[16];
    uint8_t block[BLOCK];
    size_t left; /* bytes of block not yet given */
} gen;

void uf_random_seed(const uint8_t entropy[static 32])
{
    static const uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    static const uint8_t purpose[8] = {'u', 'f', 'r', 'a', 'n', 'd', 'o', 'm'};

    memset(&gen, 0, sizeof(gen));
    memcpy(gen.input, constants, sizeof(constants));
    memcpy(gen.input + 4, entropy, 24);
    memcpy(gen.input + 10, purpose, sizeof(purpose));
}

static uint32_t rotl(uint32_t v, unsigned by)
{
    return v << by | v >> (32 - by);
}

static void quarter(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d)
{
    x[a] += x[b];
    x[d] = rotl(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = rotl(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = rotl(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = rotl(x[b] ^ x[c], 7);
}

static void next_block(void)
{
    uint32_t x[16];

    memcpy(x, gen.input, sizeof(x));
    for (unsigned i = 0; i < ROUNDS; i++) {
        for (unsigned c = 0; c < 4; c++)
            quarter(x, c, 4 + c, 8 + c, 12 + c);
        for (unsigned c = 0; c < 4; c++)
            quarter(x, c, 4 + (c + 1) % 4, 8 + (c + 2) % 4, 12 + (c + 3) % 4);
    }
    for (unsigned i = 0; i < 16; i++)
        x[i] += gen.input[i];
    memcpy(gen.block, x, BLOCK);
    gen.left = BLOCK;
    gen.input[12]++;
    gen.input[13] += gen.input[12] == 0;
}

int uf_random(void *buf, size_t size)
{
    uint8_t *to = buf;

    if (!uf_in_event)
        return UF_NOT_AVAILABLE;
    while (size > 0) {
        if (gen.left == 0)
            next_block();
        size_t n = size < gen.left ? size : gen.left;
        uint8_t *from = gen.block + BLOCK - gen.left;
        memcpy(to, from, n);
        memset(from, 0, n); /* given bytes are nobody else's business */
        gen.left -= n;
        to += n;
        size -= n;
    }
    return UF_OK;
}

int getentropy(void *buf, size_t size)
{
    if (size > 256 || uf_random(buf, size) != UF_OK) {
        errno = EIO;
        return -1;
    }
    return 0;
}

ssize_t getrandom(void *buf, size_t size, unsigned flags)
{
    (void)flags;
    if (uf_random(buf, size) != UF_OK) {
        errno = EAGAIN;
        return -1;
    }
    return (ssize_t)size;
}
