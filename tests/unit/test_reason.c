// SPDX-License-Identifier: MIT
// LINK: engine/reason.c
#include "engine/reason.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "tests/tap.h"

static void every_reason_has_words_of_its_own_and_a_way_out(void)
{
    for (int i = REASON_NONE + 1; i < NREASONS; i++) {
        CHECK(reason_words((enum reason)i)[0] != '\0');
        CHECK(reason_mend((enum reason)i)[0] != '\0');
        for (int j = i + 1; j < NREASONS; j++)
            CHECK(strcmp(reason_words((enum reason)i), reason_words((enum reason)j)) != 0);
    }
    CHECK(reason_words(REASON_NONE)[0] == '\0' && reason_mend(REASON_NONE)[0] == '\0');
}

static void what_failed_why_and_the_way_out_fit_into_one_message(void)
{
    for (int i = REASON_NONE + 1; i < NREASONS; i++) {
        enum reason r = (enum reason)i;
        struct uf_err err = {0};
        size_t mend = strlen(reason_mend(r));

        CHECK(reason_fail(&err, -EIO, r, "%s", "cannot make a socket for a tender") == -EIO);
        CHECK(strstr(err.msg, reason_words(r)) != NULL);
        CHECK(strlen(err.msg) > mend &&
              strcmp(err.msg + strlen(err.msg) - mend, reason_mend(r)) == 0);
    }
}

static void without_a_reason_the_text_of_errno_is_told(void)
{
    struct uf_err err = {0};

    CHECK(reason_fail(&err, -ENOTDIR, REASON_NONE, "the %s", "thing") == -ENOTDIR);
    CHECK(strcmp(err.msg, "the thing: Not a directory") == 0 && err.code == -ENOTDIR);
}

static void every_degraded_bit_has_its_reason_and_others_have_none(void)
{
    uint32_t known = 0;

#define X(name, bit)                                         \
    CHECK(reason_of_degraded(bit) == REASON_##name);         \
    CHECK((known & (bit)) == 0 && ((bit) & ((bit)-1)) == 0); \
    known |= (bit);
    UF_DEGRADED(X)
#undef X
    for (uint32_t bit = 1; bit != 0; bit <<= 1)
        CHECK((reason_of_degraded(bit) == REASON_NONE) == ((known & bit) == 0));
    CHECK(reason_of_degraded(0) == REASON_NONE && reason_of_degraded(UINT32_MAX) == REASON_NONE);
}

static struct uf_frame error_frame(int32_t code, uint32_t flags)
{
    struct uf_frame f = {.type = UF_FRAME_ERROR, .code = code, .flags = flags};

    strcpy(f.text, "it failed");
    return f;
}

static void what_a_tender_sends_is_explained_when_it_is_this_machines(void)
{
    struct uf_frame f = error_frame(-EPERM, UF_DEGRADED_NO_PTRACE | UF_DEGRADED_SHARED_UID);

    reason_explain(&f, false);
    CHECK(strncmp(f.text, "it failed; tracing is forbidden", 31) == 0);
    CHECK(strstr(f.text, "; to mend: ") != NULL);
    f = error_frame(-EBUSY, 0);
    CHECK(reason_of_tender(&f, true) == REASON_KVM_BUSY);
    CHECK(reason_of_tender(&f, false) == REASON_NONE);
    f = error_frame(-ENOSPC, 0);
    CHECK(reason_of_tender(&f, true) == REASON_DISK_FULL);
    f = error_frame(-EAGAIN, 0);
    CHECK(reason_of_tender(&f, false) == REASON_PROCESSES);
}

static void what_a_tender_makes_up_changes_nothing(void)
{
    static const int32_t codes[] = {INT32_MIN, -EINVAL, -4096, 0, 1, ENOMEM, INT32_MAX};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        struct uf_frame f = error_frame(codes[i], UINT32_MAX & ~(uint32_t)UF_DEGRADED_NO_PTRACE &
                                                      ~(uint32_t)UF_DEGRADED_NO_SECCOMP);

        reason_explain(&f, true);
        CHECK(strcmp(f.text, "it failed") == 0);
    }
    /* A text without room, or without an end in sight, stays one with an end. */
    struct uf_frame f = error_frame(-ENOMEM, 0);
    memset(f.text, 'x', sizeof(f.text) - 1);
    f.text[sizeof(f.text) - 1] = '\0';
    reason_explain(&f, true);
    CHECK(strlen(f.text) < sizeof(f.text) && strstr(f.text, "xx; the kernel gives") != NULL);
}

int main(void)
{
    const struct tap_case all[] = {
        TAP_CASE(every_reason_has_words_of_its_own_and_a_way_out),
        TAP_CASE(what_failed_why_and_the_way_out_fit_into_one_message),
        TAP_CASE(without_a_reason_the_text_of_errno_is_told),
        TAP_CASE(every_degraded_bit_has_its_reason_and_others_have_none),
        TAP_CASE(what_a_tender_sends_is_explained_when_it_is_this_machines),
        TAP_CASE(what_a_tender_makes_up_changes_nothing),
    };

    return tap_run(all, sizeof(all) / sizeof(all[0]));
}
