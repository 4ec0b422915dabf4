// SPDX-License-Identifier: MIT
/*
 * txn.h: what a run has read and will write: the host calls of one invocation.
 *
 * The guest's effects and questions come from its tender in order. Reads go to
 * the store thread, unless the transaction itself has written the key; each is
 * kept with its version. When the run has ended, txn_move() hands it all to a
 * commit. txn.c has the store's calls, txn_list.c the listing of keys, txn_pop.c
 * messages that are taken out of queues, txn_fetch.c other services.
 */
#ifndef DAEMON_INVOKE_TXN_H
#define DAEMON_INVOKE_TXN_H

#include "daemon/queue/pop.h"
#include "daemon/store/commit.h"
#include "engine/tender.h"

struct invoke;
struct txn_fetch;
struct txn_question;

/* A message that will be pushed or published. */
struct txn_message {
    bool is_published; /* to a topic; else pushed to a queue  */
    char *name;        /* of the queue or topic; owned        */
    void *data;        /* owned; NULL when size is 0          */
    size_t size;
    uint64_t due_ms; /* since 1970; 0: at once              */
    STAILQ_ENTRY(txn_message) link;
};

STAILQ_HEAD(txn_messages, txn_message);

/* A message that is, or will be, taken out of a queue. */
struct txn_pop {
    struct pop pop;
    struct invoke *invoke;
    uint64_t cap; /* bytes that the function has room for */
    TAILQ_ENTRY(txn_pop) link;
};

struct txn {
    struct commit commit; /* reads and writes so far */
    TAILQ_HEAD(, txn_pop) pops;
    struct txn_messages messages;
    struct txn_question *question; /* under way, or NULL */
    struct txn_fetch *fetch;       /* likewise */
    uint32_t nfetches;             /* so far                         */
    uint64_t effects;              /* bytes of them that were taken in */
};

void txn_init(struct txn *t, const char *space);
/* As if nothing had been asked. The answer to a question under way goes nowhere. */
void txn_reset(struct txn *t);

/* Serve a host call; fleet_answer() follows, perhaps at once. Takes over h->data. */
void txn_serve(struct invoke *i, const struct host_request *h);

/* The same for a question about a key that waited for another invocation (hold.h), and
 * what that one has written there; NULL: the store knows. */
void txn_go_on(struct invoke *i, const struct host_request *h, const struct commit_write *w);

/* The run has ended: take in the effects that no question came after. 0, or -EPROTO
 * when the tender's list makes no sense. */
int txn_finish(struct invoke *i, const struct result *res, struct uf_err *err);

/* Move reads, writes and what was taken out of queues into c. Messages stay. */
void txn_move(struct txn *t, struct commit *c);

void txn_message_free(struct txn_message *m);

/* ---- inside daemon/invoke ------------------------------------------------------- */

/* A question that the store thread answers. */
struct txn_question {
    struct store_job job;
    struct invoke *invoke; /* NULL: nobody waits any more */
    char space[64];
    struct host_request request;
    uint64_t version; /* read: of the key, or digest of the prefix          */
    uint64_t expires_ms;
    uint8_t *data; /* read: the value, or the keys, each with version; owned */
    size_t size;
    bool is_too_large; /* of a listing: it exceeds what can be answered */
};

/* Does the transaction itself know the key? NULL, or what it writes. */
const struct commit_write *txn_own(const struct txn *t, const char *key);

/* txn_pop.c: take a message out of a queue; and what becomes of all that were taken. */
void txn_pop_serve(struct invoke *i, const struct host_request *h);
void txn_pop_reset(struct txn *t);
void txn_pop_move(struct txn *t, struct commit *c);

/* txn_list.c: the job of a listing, and its answer with the transaction's own keys. */
int txn_list_apply(struct store_job *j, struct db *db);
void txn_list_answer(struct invoke *i, struct txn_question *q);

/* txn_secret.c: serve UF_OP_SECRET. */
void txn_secret(struct invoke *i, const struct host_request *h);
/* txn_fetch.c: ask another service; and no longer wait for it. */
void txn_fetch_serve(struct invoke *i, const struct host_request *h);
void txn_fetch_drop(struct txn *t);

#endif
