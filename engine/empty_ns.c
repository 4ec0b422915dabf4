// SPDX-License-Identifier: MIT
/* empty_ns.c: namespaces with nothing in them; see tender.h. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/tender.h"

/* In the order of enum empty_ns_kind. */
static const char *const files[EMPTY_NS_KINDS] = {"mnt", "net", "ipc", "uts"};

void empty_ns_init(struct empty_ns *ns)
{
    for (unsigned i = 0; i < EMPTY_NS_KINDS; i++)
        ns->fd[i] = -1;
}

void empty_ns_take(struct empty_ns *ns, const struct tender *t)
{
    const uint32_t not_empty =
        UF_DEGRADED_NO_NAMESPACES | UF_DEGRADED_NO_EMPTY_ROOT | UF_READY_CHROOT;
    struct empty_ns new;
    char path[64];
    bool ok = true;

    /* In a user namespace of its own, a tender cannot enter those of another. */
    if (ns->fd[0] >= 0 || geteuid() != 0 || (t->degraded & not_empty) != 0)
        return;
    for (unsigned i = 0; i < EMPTY_NS_KINDS; i++) {
        (void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)t->pid, files[i]);
        new.fd[i] = open(path, O_RDONLY | O_CLOEXEC);
        ok = ok && new.fd[i] >= 0;
    }
    if (ok)
        *ns = new;
    else
        empty_ns_fini(&new);
}

void empty_ns_fini(struct empty_ns *ns)
{
    for (unsigned i = 0; i < EMPTY_NS_KINDS; i++)
        if (ns->fd[i] >= 0)
            (void)close(ns->fd[i]);
    empty_ns_init(ns);
}
