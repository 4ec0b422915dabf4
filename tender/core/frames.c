// SPDX-License-Identifier: MIT
/* frames.c: see frames.h. */
#include "tender/core/frames.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union fd_buffer {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(FRAME_FDS * sizeof(int))];
};

/* The kernel puts all that came with a message into one header. */
static void take_fds(struct msghdr *m, int fds[static FRAME_FDS])
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m);

    if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
        return;
    size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(c), (n < FRAME_FDS ? n : FRAME_FDS) * sizeof(int));
}

int frames_recv(struct uf_frame *f, int fds[static FRAME_FDS])
{
    union fd_buffer b;
    struct iovec iov = {.iov_base = f, .iov_len = sizeof(*f)};
    struct msghdr m = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = b.bytes,
        .msg_controllen = sizeof(b.bytes),
    };
    ssize_t n = recvmsg(UF_CONTROL_FD, &m, MSG_CMSG_CLOEXEC);

    for (unsigned i = 0; i < FRAME_FDS; i++)
        fds[i] = -1;
    if (n < 0)
        return errno == EINTR ? -EINTR : errno == ECONNRESET ? 0 : -EPROTO;
    if (n == 0)
        return 0;
    take_fds(&m, fds);
    if (n != (ssize_t)sizeof(*f) || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
        return -EPROTO;
    if (f->type == UF_FRAME_BOOT)
        f->text[sizeof(f->text) - 1] = '\0';
    return 1;
}

void frames_close(const int fds[static FRAME_FDS])
{
    for (unsigned i = 0; i < FRAME_FDS; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
}

int frames_send(const struct uf_frame *f)
{
    union {
        const void *in;
        void *out;
    } cast = {.in = f}; /* struct iovec has no const */
    struct iovec iov = {.iov_base = cast.out, .iov_len = sizeof(*f)};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    ssize_t n;

    do
        n = sendmsg(UF_CONTROL_FD, &m, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : 0;
}
