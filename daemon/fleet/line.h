// SPDX-License-Identifier: MIT
/*
 * line.h: how long a call would wait for its turn, measured; pure.
 *
 * Calls with clients behind them stand in line for a function. A burst makes a line
 * that is gone soon, and refusing part of it would help nobody. A line that does not
 * go away is different: more come than can be served, and each that is let in makes
 * all behind it later. So a line is measured once it stands, over two spans of time:
 * how many left it in each. Before that nothing is known, and nobody is refused.
 *
 *	wait = calls in the line * time between two that leave it
 *
 * That holds whatever the reason is: what one takes, how many instances there are and
 * may be, other functions. Of the two spans the faster one counts, so that a moment in
 * which the machine stood still refuses nobody. Time that passes before the first
 * instance is there is not part of a span: a start is not what the next one waits for.
 */
#ifndef DAEMON_FLEET_LINE_H
#define DAEMON_FLEET_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* A span of time; it ends when the next one leaves. */
#define LINE_SPAN_NS UINT64_C(100000000)

/* Zeroed: an empty one. */
struct line {
    uint32_t n;         /* calls in it                                         */
    uint32_t left;      /* ... that were served in this span                   */
    uint64_t since_ns;  /* when this span began; 0: with the next that leaves  */
    uint64_t pace_ns;   /* between two that left, in the span before; 0: none  */
    uint64_t before_ns; /* ... and in the one before that                      */
};

/* One comes. is_running: somebody is being served, so that time counts from now on
 * if it is the first. */
void line_join(struct line *l, uint64_t now_ns, bool is_running);
/* One is served; or goes for another reason. */
void line_serve(struct line *l, uint64_t now_ns);
void line_leave(struct line *l);
/* It was served a moment ago, but could not be: it is the first in line again. */
void line_return(struct line *l);

/* How long one that comes now would wait; 0 when that is not known. */
uint64_t line_wait_ns(const struct line *l);

#endif
