// SPDX-License-Identifier: MIT
/*
 * tender.h: one tender process, as the platform holds it.
 *
 * Starts unifaas-tender, speaks abi/control.h with it, and owns the exchange.
 * Nothing here waits except where it says so: the daemon polls t->sock and
 * calls tender_recv() when it is readable; the command line passes a timeout.
 * A tender is never trusted: what it writes is copied, then checked.
 */
#ifndef ENGINE_TENDER_H
#define ENGINE_TENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/control.h"
#include "base/err.h"
#include "engine/event.h"
#include "engine/hostcall.h"

enum backend {
    BACKEND_KVM,
    BACKEND_PROCESS,
};

/* "kvm" or "process". */
const char *backend_word(enum backend b);

/*
 * Namespaces with nothing in them: no file, no network interface, no System V
 * object. Making them takes longer than all the rest of a tender's start, and
 * there is nothing in them to share, so the first tender of a daemon makes
 * them and the others enter. What each has of its own: the PID namespace.
 */
enum empty_ns_kind {
    EMPTY_NS_MNT,
    EMPTY_NS_NET,
    EMPTY_NS_IPC,
    EMPTY_NS_UTS,
    EMPTY_NS_KINDS,
};

struct empty_ns {
    int fd[EMPTY_NS_KINDS]; /* -1: none yet */
};

struct tender_options {
    const char *path; /* of the unifaas-tender program                      */
    enum backend backend;
    const struct empty_ns *ns; /* enter these; NULL or none yet: make some     */
    uid_t uid;                 /* the tender's own user when we are root; 0: keep ours   */
    int cpu;                   /* run on this processor only; -1: any                    */
};

struct tender {
    pid_t pid;      /* 0: none                                               */
    bool is_killed; /* it had one                                            */
    int sock;       /* poll for reading; -1: none                            */
    int exchange;   /* the memory file; -1 before boot or load               */
    enum backend backend;
    uint32_t degraded; /* enum uf_degraded bits, known from READY on            */
    struct uf_limits limits;
    uint8_t *map;      /* the exchange, uf_exchange_size() bytes                */
    size_t event_size; /* bytes the last event left in the exchange             */
    uint64_t seq;      /* of the last RUN                                       */
};

/*
 * Start a process. The READY frame follows through tender_recv().
 *
 * Returns  0, or a negative errno with the reason in err.
 * Owns     on success the process, until tender_stop().
 */
int tender_start(struct tender *t, const struct tender_options *o, struct uf_err *err);

void empty_ns_init(struct empty_ns *ns);
void empty_ns_fini(struct empty_ns *ns);

/*
 * Take those of a READY tender that was given nothing yet. Does nothing when
 * there are some, or when they cannot be had: tenders then make their own.
 */
void empty_ns_take(struct empty_ns *ns, const struct tender *t);

/*
 * Have a READY tender boot an image and write a snapshot; BOOTED follows.
 *
 * Everything in b stays the caller's.
 */
struct tender_image {
    int image;         /* readable                                                */
    int snapshot;      /* empty, writable; complete when BOOTED with outcome ok has
                   * come, but for its checksum: see snapfile_seal(); -1: write
                   * none, one tender_run() on this tender follows            */
    const char *name;  /* of the function                                     */
    const char *env;   /* "NAME=value\0" strings, env_size bytes in all       */
    uint32_t env_size; /* at most UF_ENV_MAX                                 */
};

int tender_boot(struct tender *t, const struct uf_limits *l, const struct tender_image *b,
                struct uf_err *err);

/*
 * Have a READY tender map a snapshot; LOADED follows.
 *
 * set  the working set that an earlier tender's DONE had, or NULL
 */
int tender_load(struct tender *t, const struct uf_limits *l, int snapshot,
                const struct uf_stretch set[UF_WORKING_SET], struct uf_err *err);

/*
 * Hand over an event; DONE follows. Only when no run is under way.
 *
 * Returns  0, or -E2BIG/-EINVAL when the event does not fit (the tender is
 *          untouched), or another negative errno when the tender is gone.
 */
int tender_run(struct tender *t, const struct event *e, struct uf_err *err);

/*
 * Take the next frame.
 *
 * timeout_ms  0: only what is there; -1: no limit.
 * Returns  1 and *f; 0 when nothing came in time; -EPIPE when the tender has
 *          ended; -EPROTO when it sent nonsense. An ERROR frame is returned
 *          like any other. f->text is one line of text.
 */
int tender_recv(struct tender *t, struct uf_frame *f, int timeout_ms, struct uf_err *err);

/* After a CALL frame: what the guest asks. See hostcall_take(). */
int tender_question(const struct tender *t, struct host_request *out, struct uf_err *err);

/* Answer it; the guest goes on. Only once for each CALL, and while its run lasts. */
int tender_answer(struct tender *t, const struct host_answer *a, struct uf_err *err);

/* The first `size` bytes of the effects of the run under way, or that ended last: copy
 * before parsing. size is at most limits.effects_max. */
const uint8_t *tender_effects(const struct tender *t);

/* A result, checked: sizes are within the limits. Bytes stay in the exchange
 * and are valid until the next tender_run(); a malicious tender may change
 * them meanwhile, so copy before parsing. The message of an error says what the
 * function answered as well, as much as fits: of `handle returned 1` who can tell
 * why? */
struct result {
    struct uf_result r; /* a copy; strings are text, outcome is known */
    const char *headers;
    const char *log;
    const uint8_t *body;
    const uint8_t *effects;
};

/* Read the result after DONE or BOOTED. Returns 0 or -EPROTO. */
int tender_result(const struct tender *t, struct result *out, struct uf_err *err);

/* End the process (SIGKILL) and wait for it: nothing that it was given changes
 * any more. What is in the exchange stays readable until tender_stop(). */
void tender_kill(struct tender *t);

/* The same, and let go of everything; t is as before tender_start().
 * Tolerates a zeroed or half-started *t. */
void tender_stop(struct tender *t);

/* Words of an outcome, or "unknown". */
const char *outcome_word(uint32_t outcome);
/* HTTP status of an outcome. */
unsigned outcome_http(uint32_t outcome);
/* And of a result: what the function set, also when it failed and set one of 400 or more. */
unsigned result_http(const struct uf_result *r);

#endif
