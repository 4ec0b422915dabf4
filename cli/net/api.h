// SPDX-License-Identifier: MIT
/*
 * api.h: the daemon's interface, as commands use it. Complaints are printed
 * here: the daemon's own words verbatim. What is returned is OPTS_GO or an
 * exit status.
 */
#ifndef CLI_NET_API_H
#define CLI_NET_API_H

#include <jansson.h>

#include "cli/net/http.h"
#include "cli/options.h"

/* Print why there was no answer. */
int api_unreachable(int code, const struct uf_err *err);

/* Print what the daemon says about a status that is not 2xx. */
int api_refused(const struct http_response *p);

/* Ask for a document. *out: the caller's reference. */
int api_get(const char *gateway, const char *path, json_t **out);

/* The same for an array, which is as empty for a namespace that there is not: that is told.
 * space may be NULL. */
int api_list(const char *gateway, const char *path, const char *space, json_t **out);

/* Send a document; *p is the answer, whatever its status. */
int api_send(const char *gateway, const char *method, const char *path, const json_t *doc,
             struct http_response *p);

/* "PATH?namespace=SPACE", or PATH when space is NULL; a ? in PATH is respected. The
 * caller frees. */
char *api_path(const char *path, const char *space);

/* Ask for a change, and print nothing when it is done; or how many things were removed,
 * as the daemon says it. */
int api_change(const char *gateway, const char *method, const char *path);
int api_remove(const char *gateway, const char *path);

/* Do something for each name, until the daemon cannot be reached. Returns the worst of
 * what `one` did. */
int api_for_each(const struct operands *names, const char *gateway, const char *space,
                 int (*one)(const char *gateway, const char *space, const char *name));

/* Is it a name that a function, or a namespace, can have? */
int api_check_name(const struct command *c, const char *name);

/* A member by its path, "unifaas.instances.idle": as text, or "-". */
const char *api_text(const json_t *doc, const char *path, char *out, size_t cap);

/* "10m" ago, or a time of RFC 3339 as it is; encoded for a query. The caller frees. */
char *api_since(const char *since);

/* A number of milliseconds since 1970 as RFC 3339. Returns out. */
#define API_TIME 40
const char *api_time(int64_t ms, char out[static API_TIME]);

#endif
