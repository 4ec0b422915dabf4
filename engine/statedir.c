// SPDX-License-Identifier: MIT
/* statedir.c: see statedir.h. */
#include "engine/statedir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void statedir_default(char out[static PATH_MAX])
{
    const char *service = getenv("STATE_DIRECTORY"); /* systemd, StateDirectory= */
    const char *xdg = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (service != NULL && service[0] == '/')
        (void)snprintf(out, PATH_MAX, "%.*s", (int)strcspn(service, ":"), service);
    else if (geteuid() == 0)
        (void)snprintf(out, PATH_MAX, "/var/lib/unifaas");
    else if (xdg != NULL && xdg[0] == '/')
        (void)snprintf(out, PATH_MAX, "%s/unifaas", xdg);
    else
        (void)snprintf(out, PATH_MAX, "%s/.local/state/unifaas", home != NULL ? home : ".");
}
