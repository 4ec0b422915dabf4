// SPDX-License-Identifier: MIT
/*
 * ends: a tender whose socket is closed ends by itself, well: exit status 0.
 *
 *	ends TENDER BACKEND
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/control.h"

#define AWAY 10 /* a descriptor above those that a tender is given */

static void become_tender(int sock, char *path, char *backend)
{
    char option[] = "--backend";
    char *argv[] = {path, option, backend, NULL};
    int kvm = strcmp(backend, "kvm") == 0 ? open("/dev/kvm", O_RDWR) : -1;

    if (dup2(sock, AWAY) < 0 || (kvm >= 0 && dup2(kvm, AWAY + 1) < 0))
        err(1, "dup2");
    if (dup2(AWAY, UF_CONTROL_FD) < 0 || (kvm >= 0 && dup2(AWAY + 1, UF_KVM_FD) < 0))
        err(1, "dup2");
    (void)execv(path, argv);
    err(1, "%s", path);
}

int main(int argc, char **argv)
{
    struct uf_frame f;
    int pair[2];
    int status;

    if (argc != 3)
        errx(2, "usage: ends TENDER BACKEND");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        err(1, "socketpair");
    pid_t pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (pid == 0)
        become_tender(pair[1], argv[1], argv[2]);
    (void)close(pair[1]);
    (void)alarm(60);
    if (recv(pair[0], &f, sizeof(f), 0) != (ssize_t)sizeof(f) || f.type != UF_FRAME_READY)
        errx(1, "no READY");
    (void)close(pair[0]);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        errx(1, "it ended with wait status %#x", (unsigned)status);
    return 0;
}
