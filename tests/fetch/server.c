// SPDX-License-Identifier: MIT
/* server.c: see server.h. One thread accepts, one serves each connection. */
#include "tests/fetch/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 400000
#define OPEN_MAX    256

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    int fd;
    bool is_stopping;
    int open[OPEN_MAX];
    unsigned nopen;
    unsigned connections;
    unsigned requests;
    char last[REQUEST_MAX + 1];
} server = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* ---- one answer ------------------------------------------------------------------------ */

static bool put(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static bool say(int fd, const char *text)
{
    return put(fd, text, strlen(text));
}

static _Thread_local const char *request; /* of the thread's connection */

/* What each of them returns: may the connection go on? */
static bool ok(int fd, const char *query)
{
    (void)query;
    return say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Server: Test\r\n\r\nhello");
}

static bool echo(int fd, const char *query)
{
    char head[100];
    size_t n = strlen(request);

    (void)query;
    (void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);
    return say(fd, head) && put(fd, request, n);
}

static bool status(int fd, const char *query)
{
    char head[100];

    (void)snprintf(head, sizeof(head), "HTTP/1.1 %s Words\r\nContent-Length: 0\r\n\r\n", query);
    return say(fd, head);
}

static bool many(int fd, size_t n)
{
    static const char block[8192];

    for (; n > sizeof(block); n -= sizeof(block))
        if (!put(fd, block, sizeof(block)))
            return false;
    return put(fd, block, n);
}

static bool size(int fd, const char *query)
{
    char head[100];

    (void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n", query);
    bool is_head = strncmp(request, "HEAD ", 5) == 0;
    return say(fd, head) && (is_head || many(fd, strtoul(query, NULL, 10)));
}

static bool endless(int fd, const char *query)
{
    (void)query;
    return say(fd, "HTTP/1.1 200 OK\r\n\r\n") && many(fd, (size_t)1 << 30);
}

static bool chunked(int fd, const char *query)
{
    (void)query;
    return say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n"
                   "3\r\nhel\r\n2\r\nlo\r\n0\r\nX-Late: yes\r\n\r\n");
}

static bool headers(int fd, const char *query)
{
    char line[1001];

    memset(line, 'a', sizeof(line));
    memcpy(line, "X-Long: ", 8);
    memcpy(line + sizeof(line) - 3, "\r\n", 3);
    if (!say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"))
        return false;
    for (unsigned long n = strtoul(query, NULL, 10); n > 0; n--)
        if (!say(fd, line))
            return false;
    return say(fd, "\r\n");
}

static bool interim(int fd, const char *query)
{
    return say(fd, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n") && ok(fd, query);
}

static bool hang(int fd, const char *query)
{
    char c;

    (void)query;
    while (recv(fd, &c, 1, 0) > 0)
        ;
    return false;
}

static bool trickle(int fd, const char *query)
{
    (void)query;
    (void)say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (say(fd, "x"))
        (void)usleep(10000);
    return false;
}

static bool half(int fd, const char *query)
{
    (void)query;
    (void)say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    return false;
}

static bool leave(int fd, const char *query)
{
    (void)fd;
    (void)query;
    return false;
}

static bool garbage(int fd, const char *query)
{
    (void)query;
    (void)say(fd, "SSH-2.0-OpenSSH_9\r\n");
    return false;
}

static bool redirect(int fd, const char *query)
{
    char head[5000];
    const char *to = strchr(query, '&');

    (void)snprintf(head, sizeof(head),
                   "HTTP/1.1 %.3s See\r\nLocation: %s\r\nContent-Length: 9\r\n\r\nelsewhere", query,
                   to != NULL ? to + 1 : "");
    return say(fd, head);
}

static bool loop(int fd, const char *query)
{
    (void)query;
    return redirect(fd, "302&/loop");
}

static const struct {
    const char *path;
    bool (*answer)(int fd, const char *query);
} answers[] = {
    {"/ok", ok},           {"/echo", echo},         {"/status", status},   {"/size", size},
    {"/endless", endless}, {"/chunked", chunked},   {"/headers", headers}, {"/interim", interim},
    {"/hang", hang},       {"/trickle", trickle},   {"/half", half},       {"/close", leave},
    {"/garbage", garbage}, {"/redirect", redirect}, {"/loop", loop},
};

/* ---- one connection ----------------------------------------------------------------------- */

static bool answer(int fd)
{
    char target[4096];
    const char *query = "";

    if (sscanf(request, "%*s %4095s", target) != 1)
        return false;
    char *mark = strchr(target, '?');
    if (mark != NULL) {
        *mark = '\0';
        query = mark + 1;
    }
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        if (strcmp(answers[i].path, target) == 0)
            return answers[i].answer(fd, query);
    return status(fd, "404");
}

/* A whole request with its body, into text. False: none came. */
static bool receive(int fd, char text[static REQUEST_MAX + 1])
{
    size_t n = 0;
    size_t want = 0;

    while (want == 0 || n < want) {
        ssize_t got = recv(fd, text + n, REQUEST_MAX - n, 0);

        if (got <= 0)
            return false;
        n += (size_t)got;
        text[n] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        if (end != NULL) {
            const char *length = strcasestr(text, "\r\nContent-Length:");

            want = (size_t)(end - text) + 4;
            if (length != NULL && length < end)
                want += strtoul(length + 17, NULL, 10);
        }
    }
    return true;
}

static void *serve(void *ctx)
{
    int fd = *(int *)ctx;
    char *text = malloc(REQUEST_MAX + 1);
    bool goes_on = true;

    free(ctx);
    request = text;
    while (goes_on && receive(fd, text)) {
        (void)pthread_mutex_lock(&server.lock);
        server.requests++;
        memcpy(server.last, text, strlen(text) + 1);
        (void)pthread_mutex_unlock(&server.lock);
        goes_on = answer(fd);
    }
    free(text);
    (void)pthread_mutex_lock(&server.lock);
    for (unsigned i = 0; i < server.nopen; i++)
        if (server.open[i] == fd)
            server.open[i] = server.open[--server.nopen];
    (void)close(fd);
    (void)pthread_cond_broadcast(&server.changed);
    (void)pthread_mutex_unlock(&server.lock);
    return NULL;
}

static void *accept_all(void *ctx)
{
    (void)ctx;
    for (;;) {
        pthread_t thread;
        int *fd = malloc(sizeof(*fd));

        *fd = accept(server.fd, NULL, NULL);
        (void)pthread_mutex_lock(&server.lock);
        if (*fd < 0 || server.is_stopping) {
            (void)pthread_mutex_unlock(&server.lock);
            if (*fd >= 0)
                (void)close(*fd);
            free(fd);
            return NULL;
        }
        server.connections++;
        server.open[server.nopen++ % OPEN_MAX] = *fd;
        if (pthread_create(&thread, NULL, serve, fd) == 0)
            (void)pthread_detach(thread);
        (void)pthread_mutex_unlock(&server.lock);
    }
}

/* ---- all of it -------------------------------------------------------------------------------- */

unsigned server_start(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);

    server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    server.is_stopping = false;
    server.connections = 0;
    server.requests = 0;
    if (bind(server.fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
        listen(server.fd, 128) < 0 || getsockname(server.fd, (struct sockaddr *)&at, &len) < 0 ||
        pthread_create(&server.thread, NULL, accept_all, NULL) != 0)
        abort();
    return ntohs(at.sin_port);
}

void server_stop(void)
{
    (void)pthread_mutex_lock(&server.lock);
    server.is_stopping = true;
    (void)shutdown(server.fd, SHUT_RDWR);
    for (unsigned i = 0; i < server.nopen; i++)
        (void)shutdown(server.open[i], SHUT_RDWR);
    while (server.nopen > 0)
        (void)pthread_cond_wait(&server.changed, &server.lock);
    (void)pthread_mutex_unlock(&server.lock);
    (void)pthread_join(server.thread, NULL);
    (void)close(server.fd);
}

static unsigned get(const unsigned *what)
{
    (void)pthread_mutex_lock(&server.lock);
    unsigned n = *what;
    (void)pthread_mutex_unlock(&server.lock);
    return n;
}

unsigned server_requests(void)
{
    return get(&server.requests);
}

unsigned server_connections(void)
{
    return get(&server.connections);
}

unsigned server_open(void)
{
    return get(&server.nopen);
}

bool server_got(const char *text)
{
    (void)pthread_mutex_lock(&server.lock);
    bool found = strstr(server.last, text) != NULL;
    (void)pthread_mutex_unlock(&server.lock);
    return found;
}
