// SPDX-License-Identifier: MIT
/*
 * heap.c: how many bytes a program has allocated. Preloaded into a daemon: whoever
 * reads the pipe (mkfifo) that UF_HEAP names gets the number as a line.
 *
 * What the program takes from the kernel says less: the allocator gives back only what
 * is free at the end of a heap, so that one small block up there keeps all free ones
 * below it, and room that a peak has left takes what leaks for long.
 */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *tell(void *path)
{
    for (;;) {
        int fd = open(path, O_WRONLY | O_CLOEXEC); /* waits for a reader */

        if (fd < 0)
            return NULL;
        (void)dprintf(fd, "%zu\n", mallinfo2().uordblks);
        (void)close(fd);
    }
}

/* No signal of the daemon's is for this thread, and readers may leave. */
__attribute__((constructor)) static void begin(void)
{
    char *path = getenv("UF_HEAP");
    pthread_t thread;
    sigset_t all, before;

    if (path == NULL)
        return;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, tell, path) == 0)
        (void)pthread_detach(thread);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}
