// SPDX-License-Identifier: MIT
/* wire.c: the socket, without any of the care that a tender takes. */
#include <string.h>
#include <sys/socket.h>

#include "tests/malice/lies.h"

#define SEND_FDS 200u

void fake_send(const void *data, size_t size, int fd, size_t nfds)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(SEND_FDS * sizeof(int))];
    } control = {.bytes = {0}};
    union {
        const void *in;
        void *out;
    } cast = {.in = data};
    struct iovec iov = {.iov_base = cast.out, .iov_len = size};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

    if (nfds > 0) {
        m.msg_control = control.bytes;
        m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
        for (size_t i = 0; i < nfds; i++)
            memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(fd));
    }
    (void)sendmsg(UF_CONTROL_FD, &m, MSG_NOSIGNAL);
}

void fake_say(const struct fake *f, uint32_t type)
{
    /* It has made no namespaces that others could enter. */
    uint32_t flags = type == UF_FRAME_READY ? UF_READY_CHROOT : 0;
    struct uf_frame out = {.type = type, .flags = flags, .seq = f->seq};

    fake_send(&out, sizeof(out), -1, 0);
}

bool fake_hear(struct uf_frame *f, int fds[static FAKE_FDS])
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(FAKE_FDS * sizeof(int))];
    } control;
    struct iovec iov = {.iov_base = f, .iov_len = sizeof(*f)};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof(control.bytes)};

    if (recvmsg(UF_CONTROL_FD, &m, 0) <= 0)
        return false;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c != NULL && c->cmsg_len <= CMSG_LEN(FAKE_FDS * sizeof(int)))
        memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
    return true;
}
