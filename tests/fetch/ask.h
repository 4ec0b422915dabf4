// SPDX-License-Identifier: MIT
/*
 * ask.h: for tests of daemon/fetch: a loop, a fetcher, and a server on loopback.
 */
#ifndef TESTS_FETCH_ASK_H
#define TESTS_FETCH_ASK_H

#include "daemon/fetch/fetch.h"

#define MS UINT64_C(1000000)

extern struct loop loop;
extern struct fetcher fetcher;

/* Says so for every URL, but NOWHERE for those that hold deny. */
struct ask_policy {
    struct fetch_policy policy;
    enum fetch_reach reach;
    const char *deny;
};
extern struct ask_policy ask_policy;

/* A fetch, and a copy of its answer. */
struct ask {
    struct fetch fetch;
    bool is_done;
    enum fetch_code code;
    unsigned status;
    char words[512];
    char headers[4096];
    char body[4096]; /* as much as fits; a NUL follows */
    size_t size;     /* of the body                    */
    uint64_t at_ns;  /* when it was done               */
};

/* Loop, fetcher, server; names: see names.h. */
void ask_setup(void);
void ask_teardown(void);

/* "http://HOST:PORT/path" of the server. Static; the last eight stay. */
const char *ask_url(const char *host, const char *path);
/* A request that any test may change: GET, two seconds, a megabyte, five redirects. */
struct fetch_request ask_request(const char *url);

void ask_start(struct ask *a, const struct fetch_request *q);
/* Run the loop until all that was started is done, or for so long. */
void ask_run(uint64_t ns);
/* Start, and run until it is done. */
void ask_wait(struct ask *a, const struct fetch_request *q);
/* GET it. */
void ask_get(struct ask *a, const char *url);

#endif
