// SPDX-License-Identifier: MIT
/* fetch.c: see fetch.h. */
#include "daemon/fetch/fetch.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/fetch/exchange.h"

enum state {
    WAITING,   /* in fetcher.waiting              */
    RESOLVING, /* in fetcher.running, as the next */
    ASKING,
    ENDED, /* in fetcher.ending: done() comes with the timer */
};

struct fetch_work {
    struct fetcher *fetcher;
    struct fetch *fetch;
    enum state state;
    struct fetch_works *list;
    TAILQ_ENTRY(fetch_work) link;
    struct loop_timer timer; /* the end of its time; of an ended one, its turn */

    char method[OUTGOING_METHOD_MAX + 1];
    struct url url;
    struct outgoing head;
    char *key;         /* NULL: none */
    char *traceparent; /* likewise   */
    const void *body;
    size_t size;
    const struct fetch_policy *policy;
    const void *owner;
    enum fetch_reach reach; /* of url */
    unsigned redirects;     /* left   */
    unsigned redirects_max;
    bool is_fresh;

    struct resolve resolve;
    struct exchange exchange;
    enum fetch_code code;
    unsigned status;
    char words[2 * UF_ERR_MAX];
};

const char *fetch_word(enum fetch_code code)
{
    static const char *const words[] = {
#define X(name, word) [FETCH_##name] = (word),
        FETCH_CODES(X)
#undef X
    };

    return words[code];
}

/* ---- the end ------------------------------------------------------------------------------- */

static void pump(struct fetcher *r);

static size_t *count_of(const struct fetch_work *w)
{
    static size_t nobody_counts;
    struct fetcher *r = w->fetcher;

    if (w->list == &r->waiting)
        return &r->nwaiting;
    return w->list == &r->running ? &r->nrunning : &nobody_counts;
}

static void enter(struct fetch_work *w, struct fetch_works *list, enum state state)
{
    w->state = state;
    w->list = list;
    TAILQ_INSERT_TAIL(list, w, link);
    ++*count_of(w);
}

/* Nothing goes on. The answer, if there is one, stays. */
static void leave(struct fetch_work *w)
{
    resolver_leave(&w->fetcher->resolver, &w->resolve);
    --*count_of(w);
    TAILQ_REMOVE(w->list, w, link);
}

static void destroy(struct fetch_work *w)
{
    loop_disarm(w->fetcher->loop, &w->timer);
    exchange_close(&w->exchange);
    outgoing_fini(&w->head);
    free(w->key);
    free(w->traceparent);
    free(w);
}

/* It has ended; done() comes in this round of the loop, or the next. */
static void __attribute__((format(printf, 3, 4)))
end(struct fetch_work *w, enum fetch_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(w->words, sizeof(w->words), fmt, ap);
    va_end(ap);
    w->code = code;
    leave(w);
    enter(w, &w->fetcher->ending, ENDED);
    if (code != FETCH_OK)
        exchange_close(&w->exchange);
    loop_arm(w->fetcher->loop, &w->timer, w->fetcher->loop->now_ns);
}

static void tell(struct fetch_work *w)
{
    struct fetcher *r = w->fetcher;
    struct fetch *f = w->fetch;
    const struct intake *i = &w->exchange.intake;
    struct fetch_answer a = {.code = w->code, .words = w->words};

    if (w->code == FETCH_OK) {
        a.status = w->status;
        a.headers = i->headers_size > 0 ? i->at : "";
        a.headers_size = i->headers_size;
        a.size = i->size - i->headers_size;
        a.body = a.size > 0 ? i->at + i->headers_size : "";
    }
    r->ended[w->code]++;
    r->bytes_in += i->size;
    f->work = NULL;
    leave(w);
    f->done(f, &a);
    destroy(w);
    pump(r);
}

static void on_timer(struct loop_timer *t)
{
    struct fetch_work *w = UF_OWNER(t, struct fetch_work, timer);
    static const char *const when[] = {[WAITING] = "it waited for others",
                                       [RESOLVING] = "the name was looked up",
                                       [ASKING] = "the server had not answered in full"};

    if (w->state == ENDED)
        tell(w);
    else
        end(w, FETCH_TIMEOUT, "%.200s: no answer in time; %s", w->url.text, when[w->state]);
}

/* ---- one URL ---------------------------------------------------------------------------------- */

static void ask(struct fetch_work *w, const struct sockaddr_storage *a, size_t n)
{
    struct exchange_request q = {.method = w->method,
                                 .url = &w->url,
                                 .head = &w->head,
                                 .key = w->key,
                                 .traceparent = w->traceparent,
                                 .body = w->body,
                                 .size = w->size,
                                 .address = a,
                                 .naddresses = n,
                                 .reach = w->reach,
                                 .ca_path = w->fetcher->library.ca_path,
                                 .ca_file = w->fetcher->ca_file,
                                 .is_fresh = w->is_fresh,
                                 .is_followed = w->redirects_max > 0};
    struct uf_err err = {0};

    w->state = ASKING;
    w->fetcher->bytes_out += w->size;
    if (exchange_open(&w->exchange, &w->fetcher->multi, w, &q, &err) < 0)
        end(w, FETCH_UNREACHABLE, "%.200s: %s", w->url.text, err.msg);
}

static void deny_address(struct fetch_work *w, enum address_kind kind, const char *address)
{
    end(w, FETCH_DENIED, "%.200s: %s is %s%s", w->url.text, address, address_words(kind),
        kind == ADDRESS_NEVER
            ? ""
            : "; that must be allowed by name (local ones: by address or localhost)");
}

static void on_resolved(struct resolve *s, const struct resolve_answer *a)
{
    struct fetch_work *w = UF_OWNER(s, struct fetch_work, resolve);
    struct sockaddr_storage within[RESOLVE_ADDRESSES];
    size_t n = 0;

    for (size_t i = 0; i < a->n; i++)
        if (reach_includes(w->reach, address_kind((const struct sockaddr *)&a->address[i])))
            within[n++] = a->address[i];
    if (a->code != 0 || a->n == 0) {
        end(w, FETCH_UNREACHABLE, "%.200s: %.60s: %s", w->url.text, w->url.host,
            a->code != 0 ? gai_strerror(a->code) : "no address");
    } else if (n == 0) {
        const struct sockaddr *first = (const struct sockaddr *)&a->address[0];
        char text[ADDRESS_TEXT];

        deny_address(w, address_kind(first), address_format(first, text));
    } else {
        ask(w, within, n);
    }
}

static void begin(struct fetch_work *w)
{
    enum address_kind kind;

    w->state = RESOLVING;
    if (!w->url.is_address)
        resolver_ask(&w->fetcher->resolver, &w->resolve, w->url.host, w->owner);
    else if (reach_excludes(w->reach, &w->url, &kind))
        deny_address(w, kind, w->url.host);
    else
        ask(w, NULL, 0);
}

/* ---- redirects --------------------------------------------------------------------------------- */

/* What is asked at the next URL: RFC 9110, 15.4. */
static void change_method(struct fetch_work *w, unsigned status)
{
    bool is_head = strcmp(w->method, "HEAD") == 0;
    bool is_post = strcmp(w->method, "POST") == 0;

    if ((status != 303 || is_head) && !(status < 303 && is_post))
        return;
    memcpy(w->method, "GET", sizeof("GET"));
    w->body = NULL;
    w->size = 0;
    outgoing_forget_body(&w->head);
}

static void follow(struct fetch_work *w, const char *to, unsigned status)
{
    struct uf_err err = {0};
    struct url next;

    if (w->redirects == 0) {
        end(w, FETCH_UNREACHABLE, "%.200s: more than %u redirects", w->url.text, w->redirects_max);
        return;
    }
    w->redirects--;
    if (url_parse(to, &next, &err) < 0) {
        end(w, FETCH_DENIED, "%.200s redirects to a URL that is refused: %s", w->url.text, err.msg);
        return;
    }
    w->reach = w->policy->reach(w->policy, &next);
    if (w->reach == FETCH_NOWHERE) {
        end(w, FETCH_DENIED, "%.200s redirects to %.200s, which is not allowed", w->url.text,
            next.text);
        return;
    }
    if (w->url.is_https && !next.is_https) {
        end(w, FETCH_DENIED, "%.200s redirects to %.200s, which is not encrypted", w->url.text,
            next.text);
        return;
    }
    change_method(w, status);
    if (!url_is_same_origin(&w->url, &next))
        outgoing_forget_secrets(&w->head);
    w->url = next;
    w->is_fresh = false;
    exchange_close(&w->exchange);
    begin(w);
}

/* ---- the end of a transfer ------------------------------------------------------------------------ */

static void fail(struct fetch_work *w, CURLcode code)
{
    struct exchange *x = &w->exchange;
    const char *url = w->url.text;
    struct sockaddr_storage a;

    if (x->intake.is_too_large)
        end(w, FETCH_TOO_LARGE, "%.200s: the answer is larger than there is room for", url);
    else if (x->intake.is_out_of_memory)
        end(w, FETCH_BUSY, "%.200s: no memory for the answer", url);
    else if (x->refused[0] != '\0' && address_parse(x->refused, &a) == 0)
        deny_address(w, address_kind((const struct sockaddr *)&a), x->refused);
    else
        end(w, FETCH_UNREACHABLE, "%.200s: %s", url,
            x->words[0] != '\0' ? x->words : x->multi->curl->curl_easy_strerror(code));
}

static void on_end(void *transfer, CURLcode code)
{
    struct fetch_work *w = transfer;
    struct exchange *x = &w->exchange;
    const char *to = code == CURLE_OK ? exchange_redirect(x) : NULL;

    /* A kept connection leads to where this request may not go; a new one does not. */
    if (code != CURLE_OK && x->refused[0] != '\0' && !x->has_connected && !w->is_fresh) {
        w->is_fresh = true;
        exchange_close(x);
        begin(w);
    } else if (code != CURLE_OK) {
        fail(w, code);
    } else if (to != NULL) {
        follow(w, to, exchange_status(x));
    } else {
        w->status = exchange_status(x);
        end(w, FETCH_OK, "%s", "");
    }
}

/* ---- whose turn it is ------------------------------------------------------------------------------ */

static bool may_run(const struct fetcher *r, const struct fetch_work *w)
{
    const struct fetch_work *other;
    size_t n = 0;

    TAILQ_FOREACH(other, &r->running, link)
    n += other->owner == w->owner;
    return n < FETCH_RUNNING_OWNER;
}

static void refuse_all(struct fetcher *r, const char *why)
{
    struct fetch_work *w;

    while ((w = TAILQ_FIRST(&r->waiting)) != NULL)
        end(w, FETCH_UNREACHABLE, "%.200s: %s", w->url.text, why);
}

static void on_loaded(struct library *l)
{
    struct fetcher *r = UF_OWNER(l, struct fetcher, library);

    r->multi.curl = l->curl;
    if (l->curl != NULL)
        pump(r);
    else
        refuse_all(r, l->err.msg);
}

static void pump(struct fetcher *r)
{
    struct fetch_work *w = TAILQ_FIRST(&r->waiting);
    struct uf_err err;

    if (w == NULL)
        return;
    if (r->library.curl == NULL) {
        if (library_load(&r->library, &err) < 0)
            refuse_all(r, err.msg);
        return;
    }
    while (w != NULL && r->nrunning < FETCH_RUNNING) {
        struct fetch_work *next = TAILQ_NEXT(w, link);

        if (may_run(r, w)) {
            leave(w);
            enter(w, &r->running, RESOLVING);
            begin(w);
        }
        w = next;
    }
}

/* ---- start --------------------------------------------------------------------------------------- */

static int take(struct fetch_work *w, const struct fetch_request *q, struct uf_err *err)
{
    const char *method = q->method != NULL ? q->method : "GET";

    if (!outgoing_method_ok(method))
        return uf_fail(err, -EINVAL, "\"%.20s\" is no method that may be used", method);
    memcpy(w->method, method, strlen(method) + 1);
    int r = url_parse(q->url, &w->url, err);
    if (r == 0)
        r = outgoing_read(q->headers, q->headers_size, &w->head, err);
    return r;
}

static void check(struct fetch_work *w, const struct fetch_request *q)
{
    struct fetcher *r = w->fetcher;
    struct uf_err err = {0};
    int code = take(w, q, &err);

    if (code < 0) {
        end(w, code == -ENOMEM ? FETCH_BUSY : FETCH_INVALID, "%s", err.msg);
        return;
    }
    w->reach = w->policy->reach(w->policy, &w->url);
    if (w->reach == FETCH_NOWHERE) {
        end(w, FETCH_DENIED, "%.200s is not allowed", w->url.text);
    } else if (r->nwaiting >= FETCH_WAITING) {
        end(w, FETCH_BUSY, "%.200s: %u others wait already", w->url.text, FETCH_WAITING);
    } else {
        leave(w);
        enter(w, &r->waiting, WAITING);
        loop_arm(r->loop, &w->timer, r->loop->now_ns + q->timeout_ns);
        pump(r);
    }
}

void fetch_start(struct fetcher *r, struct fetch *f, const struct fetch_request *q)
{
    struct fetch_work *w = xnew(sizeof(*w));

    *w = (struct fetch_work){.fetcher = r,
                             .fetch = f,
                             .timer.on_fire = on_timer,
                             .key = q->key != NULL ? xcopy(q->key) : NULL,
                             .traceparent = q->traceparent != NULL ? xcopy(q->traceparent) : NULL,
                             .body = q->body,
                             .size = q->size,
                             .policy = q->policy,
                             .owner = q->owner,
                             .redirects = q->redirects,
                             .redirects_max = q->redirects,
                             .resolve.done = on_resolved};
    w->exchange.intake =
        (struct intake){.budget = &r->buffers, .headers_max = q->headers_max, .max = q->answer_max};
    f->work = w;
    enter(w, &r->ending, ENDED);
    check(w, q);
}

void fetch_cancel(struct fetch *f)
{
    struct fetch_work *w = f->work;

    if (w == NULL)
        return;
    struct fetcher *r = w->fetcher;
    f->work = NULL;
    leave(w);
    destroy(w);
    pump(r);
}

void fetcher_init(struct fetcher *r, struct loop *l)
{
    *r = (struct fetcher){.loop = l, .buffers.max = FETCH_BUFFERS};
    library_init(&r->library, l, on_loaded);
    multi_init(&r->multi, l, on_end);
    resolver_init(&r->resolver, l);
    TAILQ_INIT(&r->waiting);
    TAILQ_INIT(&r->running);
    TAILQ_INIT(&r->ending);
}

static void drop_all(struct fetch_works *list)
{
    struct fetch_work *w;

    while ((w = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, w, link);
        resolver_leave(&w->fetcher->resolver, &w->resolve);
        w->fetch->work = NULL;
        destroy(w);
    }
}

void fetcher_fini(struct fetcher *r)
{
    if (r->loop == NULL)
        return;
    drop_all(&r->waiting);
    drop_all(&r->running);
    drop_all(&r->ending);
    multi_fini(&r->multi);
    resolver_fini(&r->resolver);
    library_fini(&r->library);
    *r = (struct fetcher){.loop = NULL};
}
