// SPDX-License-Identifier: MIT
/* verbs.c: see verbs.h. */
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/options.h"

/* "get" of "kv get". */
static const char *verb_of(const struct command *c)
{
    const char *blank = strrchr(c->name, ' ');

    return blank == NULL ? c->name : blank + 1;
}

static const struct command *find(const struct command *self, const char *verb)
{
    for (const struct command *const *v = self->verbs; *v != NULL; v++)
        if (strcmp(verb_of(*v), verb) == 0)
            return *v;
    return NULL;
}

static int list(const struct command *self)
{
    printf("Usage: unifaas %s VERB [OPTIONS] [ARGUMENTS]\n\n%s.\n", self->name, self->summary);
    if (self->details != NULL)
        printf("\n%s", self->details);
    printf("\nVerbs:\n");
    for (const struct command *const *v = self->verbs; *v != NULL; v++)
        printf("  %-10s %s\n", verb_of(*v), (*v)->summary);
    printf("\nunifaas %s VERB --help explains one.\n\nExamples:\n%s", self->name, self->examples);
    opts_print_exits(self->exits);
    return CLI_OK;
}

int verbs_run(const struct command *self, int argc, char **argv)
{
    char names[128];
    struct text t = text_over(names, sizeof(names));
    const struct command *c = argc > 1 ? find(self, argv[1]) : NULL;

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return list(self);
    if (c != NULL)
        return c->run(c, argc - 1, argv + 1);
    for (const struct command *const *v = self->verbs; *v != NULL; v++)
        text_add(&t, "%s%s", v == self->verbs ? "" : ", ", verb_of(*v));
    if (argc < 2)
        return opts_usage(self, "say which: %s", names);
    return opts_usage(self, "there is no \"%.32s\"; there are: %s", argv[1], names);
}
