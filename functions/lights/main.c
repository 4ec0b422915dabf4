// SPDX-License-Identifier: MIT
/* lights: what to do with the lights. Body: true or false. Answer: on or off. */
#include <string.h>

#include <unifaas.h>

/* Is the body this word, but for blanks around it? */
static int is_word(const char *body, const char *word)
{
    static const char blanks[] = " \t\r\n";
    size_t n = strlen(word);

    body += strspn(body, blanks);
    return strncmp(body, word, n) == 0 && body[n + strspn(body + n, blanks)] == '\0';
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *body = uf_event_body(event);

    if (is_word(body, "true"))
        return uf_respond_text(response, "on");
    if (is_word(body, "false"))
        return uf_respond_text(response, "off");
    (void)uf_respond_status(response, 400);
    return uf_respond_text(response, "lights: send true or false\n");
}
