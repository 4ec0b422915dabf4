// SPDX-License-Identifier: MIT
// LINK: engine/tender.c engine/hostcall.c engine/spawn.c engine/event.c engine/memfile.c engine/reason.c
// LIBS: libsodium
/*
 * How a tender ends when its platform makes no sense, and with which words: the
 * statuses of UF_TENDER_EXITS. The other side, a tender that makes none, is the
 * daemon's to survive.
 *
 * The tender is the program that is installed, on the process backend, which
 * every machine has.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/snapshot.h"
#include "tests/tender.h"

/* Run the program with a descriptor as its socket; the exit status. */
static int run_program(const char *const *args, int sock, int kvm)
{
    pid_t pid = fork();

    if (pid == 0) {
        char *argv[8] = {program};

        for (int i = 0; args[i] != NULL; i++)
            argv[i + 1] = strdup(args[i]);
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)dup2(null, STDERR_FILENO);
        (void)dup2(sock >= 0 ? sock : null, UF_CONTROL_FD);
        (void)dup2(kvm >= 0 ? kvm : null, UF_KVM_FD);
        (void)execv(program, argv);
        _exit(127);
    }
    int status = -1;
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Wait for the end: the exit status, or minus the signal. One that does not end
 * is killed, and that is seen. */
static int end_of(struct tender *t)
{
    struct uf_frame f;
    int status = 0;

    if (tender_recv(t, &f, PATIENCE_MS, NULL) != -EPIPE)
        (void)kill(t->pid, SIGKILL);
    CHECK(waitpid(t->pid, &status, 0) == t->pid);
    t->pid = 0;
    t->is_killed = true; /* it has ended, so its socket is to be closed */
    tender_stop(t);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* It says why, with these words, and ends; the exit status. */
static int refused(struct tender *t, const char *words)
{
    struct uf_frame f;

    CHECK(hear_frame(t, &f) == UF_FRAME_ERROR);
    if (strstr(f.text, words) == NULL) {
        printf("# it said: %s\n", f.text);
        CHECK(!"its reason is another one");
    }
    return end_of(t);
}

static int file_of(const char *bytes)
{
    int fd = memfile_make("test", 0, NULL);

    CHECK(fd >= 0 && write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
    return fd;
}

/* Boot the sample; the tender, which ends, and a snapshot that is not sealed. */
static int boot(struct tender *t, int snapshot)
{
    struct uf_frame f;
    int fd = open(image, O_RDONLY | O_CLOEXEC);
    const struct tender_image b = {.image = fd, .snapshot = snapshot, .name = "hello"};

    CHECK(fd >= 0);
    start(t, BACKEND_PROCESS);
    CHECK(tender_boot(t, &usual, &b, NULL) == 0);
    CHECK(hear_frame(t, &f) == UF_FRAME_BOOTED);
    (void)close(fd);
    return end_of(t);
}

static void wrong_options_end_with_100(void)
{
    const char *const none[] = {NULL};
    const char *const backend[] = {"--backend", "magic", NULL};
    const char *const unknown[] = {"--backend", "process", "--frob", NULL};
    const char *const operand[] = {"--backend", "process", "x", NULL};

    CHECK(run_program(none, -1, -1) == UF_TENDER_EXIT_USAGE);
    CHECK(run_program(backend, -1, -1) == UF_TENDER_EXIT_USAGE);
    CHECK(run_program(unknown, -1, -1) == UF_TENDER_EXIT_USAGE);
    CHECK(run_program(operand, -1, -1) == UF_TENDER_EXIT_USAGE);
}

static void a_machine_that_cannot_be_made_ends_with_101(void)
{
    const char *const kvm[] = {"--backend", "kvm", NULL};
    struct tender t = {.sock = -1, .exchange = -1};
    struct uf_frame f;
    int pair[2];

    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    /* Instead of /dev/kvm it gets /dev/null. */
    CHECK(run_program(kvm, pair[1], -1) == UF_TENDER_EXIT_SETUP);
    t.sock = pair[0];
    CHECK(hear_frame(&t, &f) == UF_FRAME_ERROR && f.code < 0 && f.text[0] != '\0');
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void a_platform_that_is_not_there_ends_with_102(void)
{
    const char *const process[] = {"--backend", "process", NULL};

    CHECK(run_program(process, -1, -1) == UF_TENDER_EXIT_PROTOCOL);
}

static void a_frame_out_of_turn_ends_with_102(void)
{
    const uint32_t types[] = {
        UF_FRAME_RUN, UF_FRAME_READY, UF_FRAME_DONE, UF_FRAME_LOADED, UF_FRAME_ERROR, 0, 77};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct uf_frame f = {.type = types[i]};
        struct tender t;

        start(&t, BACKEND_PROCESS);
        CHECK(send(t.sock, &f, sizeof(f), MSG_NOSIGNAL) == (ssize_t)sizeof(f));
        CHECK(refused(&t, "is out of turn") == UF_TENDER_EXIT_PROTOCOL);
    }
}

static void what_is_no_frame_ends_with_102(void)
{
    static const char bytes[sizeof(struct uf_frame) + 1];
    const size_t sizes[] = {1, sizeof(struct uf_frame) - 1, sizeof(bytes)};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct tender t;

        start(&t, BACKEND_PROCESS);
        CHECK(send(t.sock, bytes, sizes[i], MSG_NOSIGNAL) == (ssize_t)sizes[i]);
        CHECK(end_of(&t) == UF_TENDER_EXIT_PROTOCOL);
    }
}

static void what_is_no_image_ends_with_103(void)
{
    struct tender t;
    int fd = file_of("#!/bin/sh\n");
    int snapshot = memfile_make("snapshot", 0, NULL);
    const struct tender_image b = {.image = fd, .snapshot = snapshot, .name = "x"};

    start(&t, BACKEND_PROCESS);
    CHECK(tender_boot(&t, &usual, &b, NULL) == 0);
    CHECK(refused(&t, "not an ELF file") == UF_TENDER_EXIT_IMAGE);
    (void)close(fd);
    (void)close(snapshot);
}

/* Have a fresh tender load fd; it must refuse it with these words. */
static void refuses_to_load(int fd, const struct uf_limits *l, const char *words)
{
    struct tender t;

    start(&t, BACKEND_PROCESS);
    CHECK(tender_load(&t, l, fd, NULL, NULL) == 0);
    CHECK(refused(&t, words) == UF_TENDER_EXIT_IMAGE);
}

static void what_is_no_snapshot_ends_with_103(void)
{
    char page[2 * UF_SNAPSHOT_HEADER];
    int fd = file_of("short");

    refuses_to_load(fd, &usual, "shorter than its header");
    memset(page, 'x', sizeof(page));
    CHECK(pwrite(fd, page, sizeof(page), 0) == (ssize_t)sizeof(page));
    refuses_to_load(fd, &usual, "not a snapshot file");
    (void)close(fd);
}

static void a_snapshot_of_another_size_of_memory_ends_with_103(void)
{
    struct uf_limits more = usual;
    int fd = make_snapshot(BACKEND_PROCESS, &usual);

    more.memory += UF_ALIGN;
    refuses_to_load(fd, &more, "bytes of memory, wanted");
    (void)close(fd);
}

static void a_snapshot_that_was_never_booted_ends_with_103(void)
{
    struct uf_snapshot s;
    int fd = make_snapshot(BACKEND_PROCESS, &usual);

    CHECK(pread(fd, &s, sizeof(s), 0) == (ssize_t)sizeof(s) && s.entry == s.event_entry);
    s.entry += 4;
    CHECK(pwrite(fd, &s, sizeof(s), 0) == (ssize_t)sizeof(s));
    refuses_to_load(fd, &usual, "never booted");
    (void)close(fd);
}

static void limits_that_cannot_be_end_with_103(void)
{
    int fd = make_snapshot(BACKEND_PROCESS, &usual);
    struct uf_limits l[7];

    for (size_t i = 0; i < sizeof(l) / sizeof(l[0]); i++)
        l[i] = usual;
    l[0].timeout_ns = 0;
    l[1].cpu_ns = 0;
    l[2].event_max = 0;
    l[3].event_max = UF_ALIGN + 4096;
    l[4].event_max = (uint32_t)(UF_EVENT_MAX + UF_ALIGN);
    l[5].log_max = UF_LOG_LIMIT + 1;
    l[6].body_max = UF_BODY_LIMIT + 1;
    for (size_t i = 0; i < sizeof(l) / sizeof(l[0]); i++)
        refuses_to_load(fd, &l[i], "limits out of bounds");
    (void)close(fd);
}

/* The process that the tender traces. */
static pid_t guest_of(pid_t tender)
{
    char path[64];
    char text[32] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)tender, (int)tender);
    FILE *f = fopen(path, "re");
    if (f != NULL) {
        (void)!fgets(text, sizeof(text), f);
        (void)fclose(f);
    }
    return (pid_t)strtol(text, NULL, 10);
}

static void a_guest_process_that_dies_ends_with_104(void)
{
    const struct event e = {
        .id = "1", .trigger = "http", .method = "GET", .path = "/", .query = ""};
    struct uf_frame f;
    struct tender t;
    int fd = make_snapshot(BACKEND_PROCESS, &usual);

    start(&t, BACKEND_PROCESS);
    CHECK(tender_load(&t, &usual, fd, NULL, NULL) == 0);
    CHECK(hear_frame(&t, &f) == UF_FRAME_LOADED);
    CHECK(tender_run(&t, &e, NULL) == 0);
    CHECK(hear_frame(&t, &f) == UF_FRAME_DONE);
    pid_t guest = guest_of(t.pid);
    CHECK(guest > 1);
    if (guest > 1)
        CHECK(kill(guest, SIGKILL) == 0);
    CHECK(tender_run(&t, &e, NULL) == 0);
    CHECK(refused(&t, "") == UF_TENDER_EXIT_MACHINE);
    (void)close(fd);
}

static void a_closed_socket_ends_with_0(void)
{
    struct tender t;

    start(&t, BACKEND_PROCESS);
    CHECK(shutdown(t.sock, SHUT_WR) == 0);
    CHECK(end_of(&t) == 0);
}

static void a_boot_that_is_over_ends_with_0(void)
{
    struct tender t;
    int fd = memfile_make("snapshot", 0, NULL);
    struct stat st;

    CHECK(boot(&t, fd) == 0);
    CHECK(fstat(fd, &st) == 0 && st.st_size > (off_t)UF_SNAPSHOT_HEADER);
    (void)close(fd);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(wrong_options_end_with_100),
        TAP_CASE(a_machine_that_cannot_be_made_ends_with_101),
        TAP_CASE(a_platform_that_is_not_there_ends_with_102),
        TAP_CASE(a_frame_out_of_turn_ends_with_102),
        TAP_CASE(what_is_no_frame_ends_with_102),
        TAP_CASE(what_is_no_image_ends_with_103),
        TAP_CASE(what_is_no_snapshot_ends_with_103),
        TAP_CASE(a_snapshot_of_another_size_of_memory_ends_with_103),
        TAP_CASE(a_snapshot_that_was_never_booted_ends_with_103),
        TAP_CASE(limits_that_cannot_be_end_with_103),
        TAP_CASE(a_guest_process_that_dies_ends_with_104),
        TAP_CASE(a_closed_socket_ends_with_0),
        TAP_CASE(a_boot_that_is_over_ends_with_0),
    };
    find_tender("hello");
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
