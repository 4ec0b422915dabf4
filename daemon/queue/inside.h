// SPDX-License-Identifier: MIT
/* inside.h: what the parts of daemon/queue know of each other. */
#ifndef DAEMON_QUEUE_INSIDE_H
#define DAEMON_QUEUE_INSIDE_H

#include "daemon/invoke/invoke.h"
#include "daemon/queue/pop.h"
#include "daemon/queue/push.h"
#include "daemon/queue/queue.h"

/* Deliveries of one consumer that were handed over and are not durable yet: enough
 * for a transaction to be shared, bounded because each holds its events. */
#define CONSUMER_OPEN_MAX 256u

/* How long a queue rests whose events could not be handed over or acknowledged, for
 * no fault of theirs; doubles until the maximum. */
#define QUEUE_PAUSE_NS     UINT64_C(50000000)
#define QUEUE_PAUSE_MAX_NS UINT64_C(10000000000)

/* What becomes of an event that was handed over. */
enum queue_fate {
    FATE_BACK,  /* as if it had not been: the platform's fault */
    FATE_DONE,  /* it was handled                              */
    FATE_AGAIN, /* another attempt, at due_ms                  */
    FATE_DEAD,  /* none                                        */
};

/* Events that are being removed, by their numbers. */
struct removal {
    uint64_t first;
    uint64_t last;
    LIST_ENTRY(removal) link;
};

struct queue {
    struct queues *all;
    uint64_t id; /* in the store; 0: not there, as far as known */

    /* In the store and durable, as far as known here. */
    uint64_t depth;
    uint64_t timed;   /* of them */
    uint64_t last_id; /* the newest */
    uint64_t due_ms;  /* when the next timed one that is not in memory is due, or
                       * earlier; 0: none */

    /* When it was last asked, for metrics: */
    uint64_t dead;      /* letters of the function whose own queue it is */
    uint64_t oldest_ms; /* when the oldest event was pushed; 0: none     */

    struct consumer *consumer; /* or NULL */
    uint32_t batch;
    uint64_t batch_window_ns;

    /* In memory. */
    uint64_t cursor;         /* fresh ones up to here have been taken out of the store */
    struct event_rows ready; /* to be handed over, in order                            */
    struct event_rows open;  /* handed over                                            */
    uint32_t nready;
    uint32_t nopen;
    size_t ready_bytes;
    uint32_t nheld; /* timed ones, of ready and open ... */
    void *held;     /* ... in a search tree              */
    size_t npushed; /* of pushes_can_fit()               */

    LIST_HEAD(, removal) removals; /* under way                                           */
    TAILQ_HEAD(, pop) pops;        /* that wait for a message, oldest first               */

    struct refill *refill; /* under way, or NULL                                    */
    bool is_stale;         /* what was ready is forgotten; once nothing is open, it
                            * is fetched anew                                       */
    uint64_t blocked_id;   /* of the event that is for a function which is not
                            * deployed; 0: none                                     */
    uint32_t pauses;       /* in a row                                              */
    uint64_t not_before_ns;
    uint64_t told_ns; /* when it was last said that events stay; 0: never */
    struct loop_timer timer;
    uint32_t uses;   /* pushes, jobs and others that mean it */
    bool is_popping; /* queues_run() will look at its pops   */
    TAILQ_ENTRY(queue) popping_link;
    char space[FUNCTION_NAME_MAX + 1];
    char name[];
};

/* Queues of one consumer: its own one comes first. */
#define CONSUMER_QUEUES (FUNCTION_QUEUES_MAX + 1u)

struct consumer {
    struct queues *all;
    struct fn *fn; /* NULL: it is not deployed */
    struct queue *queue[CONSUMER_QUEUES];
    uint32_t nqueues;
    uint32_t turn;    /* the queue that is looked at first            */
    uint32_t wanted;  /* that may run                                 */
    uint32_t running; /* deliveries that wait for an instance, or run */
    uint32_t open;    /* those, and those that are being committed    */
    bool is_ordered;  /* one after another                            */
    bool is_callback; /* not a function: callback.c                   */
    bool is_touched;
    TAILQ_ENTRY(consumer) link;
    char space[FUNCTION_NAME_MAX + 1];
    char name[FUNCTION_NAME_MAX + 1];
};

/* A clock that is set by more has jumped: what it said before says nothing of an event's
 * age. */
#define QUEUE_JUMP_NS UINT64_C(60000000000)

/* ---- queue.c ---------------------------------------------------------------------------- */

/* The queue of that name, which is made if it is not there. Without a use, a consumer
 * or events it may go with the next queue_put(). */
struct queue *queue_get(struct queues *all, const char *space, const char *name);
struct queue *queue_find(const struct queues *all, const char *space, const char *name);
/* By its number in the store, or NULL. */
struct queue *queue_at(const struct queues *all, uint64_t id);
void queue_use(struct queue *q);
void queue_put(struct queue *q);
/* Its number in the store is known now; a queue that had it before has none. */
void queue_is_stored(struct queue *q, uint64_t id);
/* It was without events, and has no row any more: another has it (qrow.h). */
void queue_not_stored(struct queue *q);
void queue_end(struct queue *q);

/* One event more is durable; e is the queue's. */
void queue_pushed(struct queue *q, struct event_row *e);
/* One is due then that is not in memory. */
void queue_due(struct queue *q, uint64_t due_ms);
/* How many events want to be handled now. */
uint64_t queue_waiting(const struct queue *q);

/* Must events be handled one after another? */
bool queue_is_ordered(const struct queue *q);
/* Is anybody there who takes what is ready? */
bool queue_is_wanted(const struct queue *q);
/* False while what was forgotten is still open. */
bool queue_is_known(struct queue *q);
/* Events that may be ready, and whether one more may. */
uint32_t queue_room(const struct queue *q);
bool queue_has_room(const struct queue *q);
/* Is this timed one in memory? By its id. */
bool queue_is_held(const struct queue *q, const struct event_row *e);

/* e comes into memory, at the end of what is ready. */
void queue_ready(struct queue *q, struct event_row *e);
/* The first that is ready, which there is, becomes open. */
struct event_row *queue_next(struct queue *q);
/* e, which was open, has left the store; or leaves the memory only; or is ready again,
 * in its place. */
void queue_leave(struct queue *q, struct event_row *e);
void queue_close(struct queue *q, struct event_row *e);
void queue_back(struct queue *q, struct event_row *e);
/* e, which was ready, leaves the memory. */
void queue_drop(struct queue *q, struct event_row *e);
/* So does all that is ready; it will be fetched anew. */
void queue_forget(struct queue *q);

/* Something may have to be done for it: queues_run() will look. */
void queue_touch(struct queue *q);
/* Rest for a while. */
void queue_pause(struct queue *q, unsigned at_least_s);
/* When the first that is ready can be handed over, on the loop's clock: 0: now;
 * UINT64_MAX: something else has to happen first. */
uint64_t queue_ready_at(const struct queue *q);
/* Wake when something is due. */
void queue_arm(struct queue *q);

/* ---- refill.c ------------------------------------------------------------------------------ */

struct db;
struct qrow;

/* On the store thread: the row of that number, if it is still q's. NULL with err->code 0
 * when it is not. */
const struct qrow *queue_row(const struct queue *q, uint64_t id, struct db *db, struct uf_err *err);

/* Fetch more, if there is more and little is here. */
void queue_refill(struct queue *q);

/* ---- remove.c ------------------------------------------------------------------------------- */

/* Is an event being removed? */
bool removal_covers(const struct queue *q, const struct event_row *e);

/* ---- pop.c ---------------------------------------------------------------------------------- */

/* Give messages to those that wait for them; or the reason why there are none. */
void pops_serve(struct queue *q);
void pops_fail(struct queue *q, int code, const struct uf_err *err);
/* It has a consumer. */
void pops_refuse(struct queue *q);

/* ---- consumer.c ---------------------------------------------------------------------------- */

/* The consumer of a queue "@NAME" is made with it. */
void consumer_own(struct queue *q);
/* Nobody needs the queue: does its consumer, if it has one, let it go? */
bool consumer_leave(struct queue *q);
void consumer_touch(struct consumer *c);

/* ---- deliver.c ------------------------------------------------------------------------------ */

#define DELIVERY_ID 65 /* bytes, with the NUL */

/* What is kept of a run that failed, for the dead letter. */
struct delivery_why {
    bool is_run; /* it counts as an attempt */
    char reason[256];
    uint32_t status;
    void *output; /* owned */
    size_t output_size;
};

/* Events on their way through one invocation. */
struct delivery {
    struct invoke invoke;
    struct commit_step step; /* what becomes of the events */
    struct consumer *consumer;
    struct queue *queue;
    struct event_row **rows; /* open ones of the queue */
    uint32_t n;
    void *whole; /* that it is a part of; NULL: itself */
    void *batch; /* body of several events; owned */
    size_t batch_size;
    bool is_running; /* counts as consumer->running                       */
    bool is_settled; /* what becomes of the events is part of the commit   */
    struct delivery_why why;
    uint32_t nth;               /* step of a sequence, from 0                           */
    char id[DELIVERY_ID];       /* of the invocation                                    */
    char call[DELIVERY_ID];     /* of the event; the same, but for a sequence's steps   */
    char key[DELIVERY_ID + 32]; /* of what a batch asks of others                   */
    /* Of the (first) event: */
    char cause[DELIVERY_ID];
    char trigger[16];
    char parent[TRACE_TEXT];
};

/* Hand over the first event that is ready, or a batch. */
void queue_deliver(struct queue *q);

/* The first n that are ready are on their way. */
void delivery_init(struct delivery *d, struct queue *q, uint32_t n, size_t batch_size);
/* Frees d as well, or the whole of which it is a part. */
void delivery_free(struct delivery *d);

/* The id of an event as the world sees it. */
const char *queue_call_id(const struct queue *q, const struct event_row *e,
                          char out[static DELIVERY_ID]);

/* ---- steps.c ------------------------------------------------------------------------------ */

/* The function that an event is for: the consumer itself, or one of its steps. NULL: it
 * is not deployed. */
struct fn *steps_target(const struct consumer *c, const struct event_row *e, uint32_t *step);
/* Why an event can never be handled; NULL: it can. */
const char *steps_refuse(const struct consumer *c, const struct event_row *e);
/* The step of a sequence that an event is for, from 0. */
uint32_t steps_number(const struct event_row *e);
/* A step ran, and there is no sequence any more that could go on. */
bool steps_are_gone(const struct delivery *d);
/* Add what a step's result leads to: 1: the next step; 0: what follows the last, or
 * nothing, for it is none; or -ENOMEM. */
int steps_go_on(struct delivery *d, const struct verdict *v, struct pushes *p);

/* ---- describe.c ------------------------------------------------------------------------------ */

/* The events of a delivery, as the function will see them. */
void delivery_describe(struct delivery *d, struct event *e);
/* Bytes that an event adds to a batch at most. */
size_t delivery_bound(const struct event_row *e);

/* ---- settle.c -------------------------------------------------------------------------------- */

/* For invoke_ops. */
bool delivery_settle(struct invoke *i, const struct verdict *v, struct commit *c);
/* What was settled is durable; or nothing is, and v says why. */
void delivery_finish(struct delivery *d, bool is_durable, const struct verdict *v);
/* Is there another attempt at an event that failed? Its fate. */
void delivery_decide(struct delivery *d, struct event_row *e, bool can_retry);
/* What becomes of the events is a part of c. */
void delivery_add_step(struct delivery *d, struct commit *c);
/* Is it too old to be handed over? */
bool delivery_is_too_old(const struct queue *q, const struct event_row *e);
/* Give up the first event that is ready, without a run. */
void delivery_bury(struct queue *q, const char *reason);

/* ---- callback.c ------------------------------------------------------------------------------ */

/* No name reaches it, for no function is in this space. */
#define CALLBACK_SPACE ""
#define CALLBACK_QUEUE "callbacks"

/* What holds for callbacks as a manifest does for a function's events. */
extern const struct function callback_conf;

/* Send the first that is ready. */
void callback_deliver(struct queue *q);
/* What is being sent is not; it stays. */
void callbacks_drop(struct queues *all);

#endif
