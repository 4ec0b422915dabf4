// SPDX-License-Identifier: MIT
/* library.c: see library.h. */
#include "daemon/fetch/library.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/owner.h"

/* OpenSSL finds an authority by the name of its file, "2e5ac55d.0"; reading all of
 * them instead takes 50 ms, for each connection. */
static bool is_hashed(const char *dir)
{
    DIR *d = opendir(dir);
    bool found = false;

    if (d == NULL)
        return false;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): a directory of our own
    for (const struct dirent *e; !found && (e = readdir(d)) != NULL;)
        found = strspn(e->d_name, "0123456789abcdef") == 8 && e->d_name[8] == '.' &&
                isdigit((unsigned char)e->d_name[9]) != 0;
    (void)closedir(d);
    return found;
}

static void *load(void *ctx)
{
    struct library *l = ctx;

    l->found = curl_load(&l->err);
    if (l->found != NULL) {
        const curl_version_info_data *v = l->found->curl_version_info(CURLVERSION_NOW);

        if (v->ssl_version != NULL && strncmp(v->ssl_version, "OpenSSL", 7) == 0 &&
            v->capath != NULL && is_hashed(v->capath))
            l->found_ca_path = v->capath;
    }
    (void)eventfd_write(l->watch.fd, 1);
    return NULL;
}

static void end_loading(struct library *l)
{
    (void)pthread_join(l->thread, NULL);
    loop_unwatch(l->loop, &l->watch);
    (void)close(l->watch.fd);
    l->is_loading = false;
    l->curl = l->found;
    l->ca_path = l->found_ca_path;
}

static void on_event(struct loop_fd *w, uint32_t events)
{
    struct library *l = UF_OWNER(w, struct library, watch);

    (void)events;
    end_loading(l);
    l->on_loaded(l);
}

void library_init(struct library *l, struct loop *loop, void (*on_loaded)(struct library *l))
{
    *l = (struct library){.loop = loop, .on_loaded = on_loaded};
}

void library_fini(struct library *l)
{
    if (l->is_loading)
        end_loading(l);
    *l = (struct library){.loop = NULL};
}

static int start_thread(struct library *l, struct uf_err *err)
{
    sigset_t all;
    sigset_t before;

    /* Signals are the loop's. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&l->thread, NULL, load, l);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r == 0 ? 0 : uf_fail(err, -r, "cannot start a thread: %s", strerror(r));
}

int library_load(struct library *l, struct uf_err *err)
{
    if (l->curl != NULL || l->is_loading)
        return 0;
    l->watch = (struct loop_fd){.on_ready = on_event, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (l->watch.fd < 0)
        return uf_fail(err, -errno, "cannot make an eventfd: %s", strerror(errno));
    int r = loop_watch(l->loop, &l->watch, EPOLLIN, err);
    if (r == 0)
        r = start_thread(l, err);
    if (r < 0) {
        loop_unwatch(l->loop, &l->watch);
        (void)close(l->watch.fd);
        return r;
    }
    l->is_loading = true;
    return 0;
}
