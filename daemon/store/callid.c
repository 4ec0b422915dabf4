// SPDX-License-Identifier: MIT
/* callid.c: see callid.h. */
#include "daemon/store/callid.h"

#include <string.h>

#include <sodium.h>

#define EVENT_BITS 40
#define TAG_BITS   58

/* SipHash-2-4 of one number; domain keeps the two uses apart. */
static uint64_t hash(uint64_t salt, uint64_t domain, uint64_t v)
{
    uint8_t key[crypto_shorthash_KEYBYTES];
    uint8_t out[crypto_shorthash_BYTES];
    uint64_t r;

    _Static_assert(sizeof(key) == sizeof(salt) + sizeof(domain), "salt and domain are the key");
    _Static_assert(sizeof(out) == sizeof(r), "the hash is one number");
    memcpy(key, &salt, sizeof(salt));
    memcpy(key + sizeof(salt), &domain, sizeof(domain));
    (void)crypto_shorthash(out, (const uint8_t *)&v, sizeof(v), key);
    memcpy(&r, out, sizeof(r));
    return r;
}

static uint64_t tag_of(uint64_t salt, uint64_t data)
{
    return hash(salt, 1, data) >> (64 - TAG_BITS);
}

static uint64_t mask_of(uint64_t salt, uint64_t tag)
{
    return hash(salt, 2, tag);
}

static void put_hex(char *out, uint64_t v, unsigned digits)
{
    static const char hex[] = "0123456789abcdef";

    for (unsigned i = 0; i < digits; i++)
        out[i] = hex[v >> (4 * (digits - 1 - i)) & 15];
}

static bool get_hex(const char *text, unsigned digits, uint64_t *out)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < digits; i++) {
        char c = text[i];
        int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

        if (d < 0)
            return false;
        v = v << 4 | (uint64_t)d;
    }
    *out = v;
    return true;
}

/*
 *	tttttttt-tttt-8ttd-vddd-dddddddddddd
 *
 * t: 56 bits of tag; v: the variant's two bits, then the tag's last two; d: 64 bits.
 */
void callid_format(char out[static CALLID_TEXT], uint64_t salt, uint64_t queue, uint64_t event)
{
    uint64_t data = queue << EVENT_BITS | event;
    uint64_t tag = tag_of(salt, data);
    uint64_t hidden = data ^ mask_of(salt, tag);

    put_hex(out, tag >> 26, 8);
    out[8] = '-';
    put_hex(out + 9, tag >> 10 & 0xffff, 4);
    out[13] = '-';
    out[14] = '8';
    put_hex(out + 15, tag >> 2 & 0xff, 2);
    put_hex(out + 17, hidden >> 60, 1);
    out[18] = '-';
    put_hex(out + 19, 8 | (tag & 3), 1);
    put_hex(out + 20, hidden >> 48 & 0xfff, 3);
    out[23] = '-';
    put_hex(out + 24, hidden & 0xffffffffffff, 12);
    out[36] = '\0';
}

bool callid_parse(const char *text, uint64_t salt, uint64_t *queue, uint64_t *event)
{
    uint64_t part[6];

    if (strlen(text) != CALLID_TEXT - 1 || text[8] != '-' || text[13] != '-' || text[14] != '8' ||
        text[18] != '-' || text[23] != '-')
        return false;
    if (!get_hex(text, 8, &part[0]) || !get_hex(text + 9, 4, &part[1]) ||
        !get_hex(text + 15, 2, &part[2]) || !get_hex(text + 17, 1, &part[3]) ||
        !get_hex(text + 19, 4, &part[4]) || !get_hex(text + 24, 12, &part[5]))
        return false;
    if ((part[4] >> 12 & 12) != 8)
        return false;
    uint64_t tag = part[0] << 26 | part[1] << 10 | part[2] << 2 | (part[4] >> 12 & 3);
    uint64_t hidden = part[3] << 60 | (part[4] & 0xfff) << 48 | part[5];
    uint64_t data = hidden ^ mask_of(salt, tag);
    if (tag_of(salt, data) != tag)
        return false;
    *queue = data >> EVENT_BITS;
    *event = data & CALLID_EVENT_MAX;
    return true;
}
