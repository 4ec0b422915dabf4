// SPDX-License-Identifier: MIT
/*
 * main.c: unifaasd. What the operator wants, the state directory, the socket;
 * then daemon.c until a signal ends it.
 *
 * Exit statuses: 0 after a signal, 1 when something went wrong, 2 for options
 * that make no sense.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <malloc.h>
#include <sodium.h>

#include "base/auto.h"
#include "base/version.h"
#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/listen.h"
#include "daemon/record/say.h"
#include "engine/reason.h"

enum {
    EXIT_WRONG = 1,
    EXIT_USAGE = 2,
};

/* Without a password, only this machine's own users may deploy. */
static int check_reach(const struct config *c, const struct listen_address *a, bool is_inherited,
                       struct uf_err *err)
{
    char text[LISTEN_TEXT];

    if (listen_is_loopback(a))
        return 0;
    if (!c->no_auth) {
        say("%s can be reached by others, and nothing is encrypted: the password can be read on "
            "the way; put a proxy with TLS in front of it",
            listen_format(a, text));
        return 0;
    }
    if (!is_inherited && !c->allow_remote)
        return uf_fail(err, -EPERM,
                       "%s can be reached by others, and with --no-auth whoever connects may "
                       "deploy; leave that out, or say --allow-remote if a proxy or a firewall "
                       "guards it",
                       listen_format(a, text));
    say("WARNING: %s can be reached by others, and there is no password: whoever connects may "
        "deploy and remove functions",
        listen_format(a, text));
    return 0;
}

/* The socket to serve on, and whether it is for this machine only. */
static int open_listener(const struct config *c, struct listen_address *a, struct uf_err *err)
{
    int fd = listen_inherited();
    bool is_inherited = fd >= 0;
    int r = is_inherited ? listen_where(fd, a, err) : listen_parse(c->listen, a, err);

    if (r == 0)
        r = check_reach(c, a, is_inherited, err);
    if (r == 0 && !is_inherited)
        fd = listen_open(a, err);
    if (r == 0 && fd >= 0 && !is_inherited)
        r = listen_where(fd, a, err);
    return r < 0 ? r : fd;
}

static int serve(struct daemon *d, struct uf_err *err)
{
    struct listen_address at = {0};
    char text[LISTEN_TEXT];
    int r = 0;

    if (d->config.tender[0] == '\0')
        r = config_find_tender(d->config.tender, err);
    if (r == 0)
        r = store_open(&d->store, d->config.state_dir, err);
    if (r == 0)
        r = auth_open(&d->auth, d->store.dir, d->config.no_auth, err);
    if (r < 0)
        return r;
    int listener = open_listener(&d->config, &at, err);
    if (listener < 0)
        return listener;
    r = daemon_start(d, listener, listen_is_loopback(&at), err);
    if (r < 0)
        return r;
    say("%u functions, isolation %s, state in %s", d->fleet.nfns, backend_word(d->fleet.o.backend),
        d->config.state_dir);
    say("listening on http://%s", listen_format(&at, text));
    return daemon_run(d, err);
}

/* Why it ends; the way out where the one who failed did not know it. */
static void tell(const struct uf_err *err)
{
    enum reason r = reason_of_limit(err->code);

    if (r == REASON_NONE || strstr(err->msg, reason_words(r)) != NULL)
        say("%s", err->msg);
    else
        say("%s: %s; to mend: %s", err->msg, reason_words(r), reason_mend(r));
}

static int set_password(const struct config *c, struct uf_err *err)
{
    if (auth_set_password(c->state_dir, err) < 0) {
        tell(err);
        return EXIT_WRONG;
    }
    say("the password of user " PASSWORD_USER " is set; a daemon that runs knows it at once");
    return 0;
}

/*
 * What crashes leaves no memory behind: there are secrets and passwords in it. Tenders,
 * whose guests may hold some, inherit it. PR_SET_DUMPABLE would say the same, but take
 * /proc/self from us, through which tenders get their namespaces.
 */
static void dump_no_memory(void)
{
    UF_AUTO_FD int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

    /* A kernel that has no such file makes no core dumps. */
    if (fd >= 0 && write(fd, "0\n", 2) < 0)
        say("core dumps of this process will hold its memory: %s", strerror(errno));
}

int main(int argc, char **argv)
{
    static struct daemon d;
    enum config_action action;
    struct uf_err err = {0};

    /* Seeded by the kernel, then no system call for each event. */
    (void)randombytes_set_implementation(&randombytes_internal_implementation);
    /* They hand each other what they allocate, so few heaps; with a single one the loop
     * and the store thread waited for each other at it: a tenth fewer events pushed. */
    (void)mallopt(M_ARENA_MAX, 2);
    if (sodium_init() < 0) {
        say("libsodium does not start");
        return EXIT_WRONG;
    }
    d.store = (struct store){.dir = -1, .lock = -1};
    config_defaults(&d.config);
    if (config_read(&d.config, argc, argv, &action, &err) < 0) {
        say("%s", err.msg);
        return EXIT_USAGE;
    }
    if (action == CONFIG_HELP) {
        config_help();
        return 0;
    }
    if (action == CONFIG_VERSION) {
        printf("unifaasd %s\n", UNIFAAS_VERSION);
        return 0;
    }
    if (action == CONFIG_CHECK)
        return check_state(d.config.state_dir) < 0 ? EXIT_WRONG : 0;
    if (action == CONFIG_SET_PASSWORD)
        return set_password(&d.config, &err);
    dump_no_memory();
    int r = serve(&d, &err);
    if (r < 0)
        tell(&err);
    daemon_fini(&d);
    return r < 0 ? EXIT_WRONG : 0;
}
