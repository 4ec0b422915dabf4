// SPDX-License-Identifier: MIT
/* names.c: see names.h. */
#include "tests/fetch/names.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;
static struct {
    const char *name;
    const char *addresses;
} names[NAMES_MAX];
static unsigned rounds;
static unsigned asked;
static unsigned now;
static unsigned most;

void names_set(const char *name, const char *addresses)
{
    size_t i = 0;

    (void)pthread_mutex_lock(&lock);
    while (i < NAMES_MAX - 1 && names[i].name != NULL && strcmp(names[i].name, name) != 0)
        i++;
    names[i].name = name;
    names[i].addresses = addresses;
    (void)pthread_mutex_unlock(&lock);
}

void names_release(void)
{
    (void)pthread_mutex_lock(&lock);
    rounds++;
    (void)pthread_cond_broadcast(&released);
    (void)pthread_mutex_unlock(&lock);
}

static unsigned get(const unsigned *what)
{
    (void)pthread_mutex_lock(&lock);
    unsigned n = *what;
    (void)pthread_mutex_unlock(&lock);
    return n;
}

unsigned names_asked(void)
{
    return get(&asked);
}

unsigned names_most(void)
{
    return get(&most);
}

static bool is_for(const char *entry, const char *name)
{
    size_t n = strlen(name);
    size_t end = strlen(entry) - 1;

    if (entry[0] != '*')
        return strcmp(entry, name) == 0;
    return n > end && strcmp(name + n - end, entry + 1) == 0;
}

/* Addresses of name; waits when that is what it does. */
static const char *find(const char *name)
{
    const char *found = "";

    (void)pthread_mutex_lock(&lock);
    asked++;
    if (++now > most)
        most = now;
    for (size_t i = 0; i < NAMES_MAX && names[i].name != NULL; i++)
        if (is_for(names[i].name, name))
            found = names[i].addresses;
    for (unsigned round = rounds; found == NULL && round == rounds;)
        (void)pthread_cond_wait(&released, &lock);
    now--;
    (void)pthread_mutex_unlock(&lock);
    return found != NULL ? found : "";
}

struct entry {
    struct addrinfo info;
    struct sockaddr_storage address;
};

static struct addrinfo *make(const char *text)
{
    struct entry *e = calloc(1, sizeof(*e));
    struct sockaddr_in *in = (struct sockaddr_in *)&e->address;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&e->address;
    bool is_v6 = strchr(text, ':') != NULL;

    e->info.ai_family = is_v6 ? AF_INET6 : AF_INET;
    e->info.ai_socktype = SOCK_STREAM;
    e->info.ai_addrlen = is_v6 ? sizeof(*in6) : sizeof(*in);
    e->info.ai_addr = (struct sockaddr *)&e->address;
    e->address.ss_family = (sa_family_t)e->info.ai_family;
    if (is_v6)
        (void)inet_pton(AF_INET6, text, &in6->sin6_addr);
    else
        (void)inet_pton(AF_INET, text, &in->sin_addr);
    return &e->info;
}

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    char text[512];
    char *rest = NULL;
    struct addrinfo **next = out;

    (void)service;
    (void)hints;
    *out = NULL;
    (void)snprintf(text, sizeof(text), "%s", find(name));
    for (char *one = strtok_r(text, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest)) {
        *next = make(one);
        next = &(*next)->ai_next;
    }
    return *out != NULL ? 0 : EAI_NONAME;
}

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
void freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;

        free(list);
        list = next;
    }
}
