// SPDX-License-Identifier: MIT
/*
 * send.h: events that follow from an invocation: messages that it pushed or published,
 * its result for the function that `on_success` names, an event that was given up for
 * the one of `on_failure`. They are part of its commit.
 *
 * Each says what it follows from (daemon/queue/head.h: cause), and goes on with its
 * trace.
 */
#ifndef DAEMON_QUEUE_SEND_H
#define DAEMON_QUEUE_SEND_H

#include "daemon/invoke/invoke.h"
#include "daemon/queue/push.h"

/* What a run that is kept sends. 0, or -ENOMEM: then p has none. */
int send_effects(struct pushes *p, struct invoke *i, const struct verdict *v);

/* The result of a run, for a function. */
int send_result(struct pushes *p, const struct invoke *i, const struct result *res,
                const char *function);

/* The result of a step, for the next one of its sequence. */
struct sent_step {
    const char *queue;   /* the sequence's               */
    const char *call_id; /* of the whole                 */
    const char *head;    /* of the event that led here   */
    uint32_t number;     /* of the next step, from 0     */
};
int send_step(struct pushes *p, const struct invoke *i, const struct result *res,
              const struct sent_step *s);

struct head_text;
/* What type the body of a result has, if the function said it. */
void send_content_type(struct head_text *t, const struct result *res);

/* An event that was given up by one function, for another. */
struct failure {
    const struct queue *queue; /* that it was in                        */
    const struct event_row *event;
    const char *function; /* that did not handle it                */
    const char *reason;
    const char *trace; /* traceparent of its last run; "": none */
};
/* Nothing when that function has given the event up already, or many have: on_failure
 * goes in no circle. */
int send_failure(struct pushes *p, const struct failure *f, const char *function);

#endif
