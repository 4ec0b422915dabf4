// SPDX-License-Identifier: MIT
/*
 * cmd_dev.c: deploy a function again whenever its code changes, and show its log.
 *
 * The work is done by children: one that deploys, as `unifaas deploy` would, and one
 * that follows the log. So whatever goes wrong there is told and over, and this process
 * is always ready for a change, or for the end.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/build/build.h"
#include "cli/build/words.h"
#include "cli/files.h"
#include "cli/net/api.h"
#include "cli/source.h"
#include "cli/watch.h"

#define SETTLE_MS 50   /* an editor may write several files, or one in several steps */
#define END_MS    5000 /* for a deployment that is under way */

struct dev {
    const char *path;
    const char *name;
    const char *space;
    const char *gateway;
    struct opt_list env;
    char since[API_TIME]; /* nothing older is shown */

    struct watch watch;
    int signals;
    sigset_t mask;   /* of before   */
    pid_t deploying; /* 0: nobody   */
    pid_t following; /* likewise    */
    bool has_changed;
};

static void add_option(struct words *w, const char *option, const char *value)
{
    if (value == NULL)
        return;
    words_add(w, "%s", option);
    words_add(w, "%s", value);
}

/* ---- children ----------------------------------------------------------------------- */

static int deploy(const struct dev *d)
{
    struct words w = {.n = 0};

    words_add(&w, "deploy");
    for (size_t i = 0; i < d->env.n; i++)
        add_option(&w, "--env", d->env.at[i]);
    add_option(&w, "--name", d->name);
    add_option(&w, "--namespace", d->space);
    add_option(&w, "--gateway", d->gateway);
    words_add(&w, "--");
    words_add(&w, "%s", d->path);
    return cmd_deploy.run(&cmd_deploy, (int)w.n, w.at);
}

/* The function's name is known once it has been deployed. */
static int follow(const struct dev *d)
{
    struct words w = {.n = 0};
    struct project p = {.dir = NULL};
    struct uf_err err;

    if (!file_is_dir(d->path))
        source_name_by_file(&p.f, d->path);
    else if (project_open(&p, d->path, &err) < 0)
        return cli_report(CLI_FAILED, &err);
    words_add(&w, "logs");
    words_add(&w, "--follow");
    add_option(&w, "--since", d->since);
    add_option(&w, "--namespace",
               d->space != NULL       ? d->space
               : p.f.space[0] != '\0' ? p.f.space
                                      : NULL);
    add_option(&w, "--gateway", d->gateway);
    words_add(&w, "--");
    words_add(&w, "%s", d->name != NULL ? d->name : p.f.name);
    return cmd_logs.run(&cmd_logs, (int)w.n, w.at);
}

static void on_interrupt(int nr)
{
    (void)nr;
}

/* Ctrl-C reaches all of us. What a deployment has begun, it ends and puts away; the
 * compilers that it runs do end, for of handlers nothing is left in them. */
static pid_t start(const struct dev *d, int (*work)(const struct dev *), bool outlives_interrupt)
{
    (void)fflush(NULL);
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid != 0)
        return pid > 0 ? pid : 0;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(CLI_FAILED);
    if (outlives_interrupt)
        (void)sigaction(
            SIGINT, &(struct sigaction){.sa_handler = on_interrupt, .sa_flags = SA_RESTART}, NULL);
    (void)sigprocmask(SIG_SETMASK, &d->mask, NULL);
    int r = work(d);
    (void)fflush(NULL);
    _exit(r);
}

/* ---- here --------------------------------------------------------------------------- */

/* What changes from here on is seen, so it is in this deployment or leads to another. */
static int start_deploying(struct dev *d)
{
    struct watch w;
    struct uf_err err;

    if (watch_open(&w, d->path, &err) < 0)
        return cli_report(CLI_NOT_FOUND, &err);
    watch_close(&d->watch);
    d->watch = w;
    d->has_changed = false;
    d->deploying = start(d, deploy, true);
    return d->deploying != 0 ? OPTS_GO : cli_fail(CLI_FAILED, "fork: %s", strerror(errno));
}

static void on_end(struct dev *d, pid_t pid, int status)
{
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == CLI_OK;

    if (pid == d->following)
        d->following = 0;
    if (pid != d->deploying)
        return;
    d->deploying = 0;
    if (!well)
        (void)fprintf(stderr, "unifaas: dev: not deployed; waiting for a change of %s\n", d->path);
    else if (d->following == 0)
        d->following = start(d, follow, false);
}

/* Returns whether to go on. */
static bool take_signal(struct dev *d)
{
    struct signalfd_siginfo s;
    bool go_on = true;
    int status;

    while (read(d->signals, &s, sizeof(s)) == (ssize_t)sizeof(s))
        go_on = go_on && s.ssi_signo == SIGCHLD;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        on_end(d, pid, status);
    return go_on;
}

static int loop(struct dev *d)
{
    int r = start_deploying(d);

    while (r == OPTS_GO) {
        struct pollfd fds[2] = {{.fd = d->signals, .events = POLLIN},
                                {.fd = d->watch.fd, .events = POLLIN}};
        int n = poll(fds, 2, d->has_changed && d->deploying == 0 ? SETTLE_MS : -1);

        if (n < 0 && errno != EINTR)
            return cli_fail(CLI_FAILED, "poll: %s", strerror(errno));
        if (n == 0)
            r = start_deploying(d);
        if (n > 0 && fds[1].revents != 0 && watch_take(&d->watch))
            d->has_changed = true;
        if (n > 0 && fds[0].revents != 0 && !take_signal(d))
            return CLI_OK;
    }
    return r;
}

static void end_children(struct dev *d)
{
    struct pollfd fd = {.fd = d->signals, .events = POLLIN};

    if (d->following != 0)
        (void)kill(d->following, SIGTERM);
    for (int left = END_MS / 100; d->deploying != 0 && left > 0; left--) {
        (void)poll(&fd, 1, 100);
        (void)take_signal(d);
    }
    if (d->deploying != 0)
        (void)kill(d->deploying, SIGTERM);
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

static int run_dev(struct dev *d)
{
    struct timespec now;
    sigset_t set;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)api_time((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, d->since);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &set, &d->mask);
    d->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (d->signals < 0)
        return cli_fail(CLI_FAILED, "signalfd: %s", strerror(errno));
    (void)fprintf(stderr, "unifaas: dev: watching %s; Ctrl-C ends\n", d->path);
    int r = loop(d);
    end_children(d);
    watch_close(&d->watch);
    (void)close(d->signals);
    return r;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct dev d = {.path = ".", .watch.fd = -1, .signals = -1};
    const struct opt opts[] = {
        {0, "name", "NAME", "deploy under that name", OPT_TEXT, &d.name},
        {'e', "env", "NAME=VALUE", "set a variable; may be repeated", OPT_MANY, &d.env},
        OPT_SPACE(&d.space),
        OPT_GATEWAY(&d.gateway),
        OPT_END,
    };
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r == OPTS_GO && d.name != NULL)
        r = api_check_name(self, d.name);
    if (r == OPTS_GO && d.space != NULL)
        r = api_check_name(self, d.space);
    if (r != OPTS_GO)
        return r;
    if (operands.n > 0)
        d.path = operands.at[0];
    if (access(d.path, R_OK) != 0)
        return cli_fail(CLI_NOT_FOUND, "%s: %s", d.path, strerror(errno));
    if (d.name == NULL && !file_is_dir(d.path)) {
        struct function f;

        source_name_by_file(&f, d.path);
        r = source_check_name(&f, d.path);
    }
    return r == OPTS_GO ? run_dev(&d) : r;
}

const struct command cmd_dev = {
    .name = "dev",
    .operands = "[DIR|FILE]",
    .summary = "Deploy a function whenever its code changes, and show its log",
    .details =
        "Watches DIR (this folder unless given), or FILE, builds and deploys on each change,\n"
        "and shows what the function writes to its log and why invocations fail. What\n"
        "cannot be built or deployed is told, what was deployed before goes on, and the\n"
        "next change is waited for. Ctrl-C ends it; the function stays deployed.\n",
    .examples = "  unifaas dev functions/alert\n"
                "  unifaas dev alert.js\n"
                "  unifaas dev -e LEVEL=debug --name alert-dev\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(NOT_FOUND),
    .max_operands = 1,
    .run = run,
};
