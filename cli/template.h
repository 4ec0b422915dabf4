// SPDX-License-Identifier: MIT
/* template.h: the files that `unifaas new` writes. NAME stands for the
 * function's name, LANG for its language. */
#ifndef CLI_TEMPLATE_H
#define CLI_TEMPLATE_H

struct template_file {
    const char *name;
    const char *text;
};

struct template_lang {
    const char *name;                  /* of --lang                   */
    const char *lang;                  /* as in function.yaml         */
    const struct template_file *files; /* ended by one without name */
};

/* Ended by one without name. */
extern const struct template_lang template_langs[];

#endif
