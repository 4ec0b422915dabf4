// SPDX-License-Identifier: MIT
/* template.c: see template.h. */
#include "cli/template.h"

#include <stddef.h>

static const char main_c[] =
    "/* NAME: answers every event with a greeting. */\n"
    "#include <unifaas.h>\n"
    "\n"
    "#include <stdio.h>\n"
    "\n"
    "/* Called once for every event. Nothing that it leaves in memory is seen by the\n"
    " * next one. Return 0 when the event was handled. */\n"
    "int handle(const struct uf_event *event, struct uf_response *response)\n"
    "{\n"
    "    const char *who = uf_event_body_size(event) > 0 ? uf_event_body(event) : \"world\";\n"
    "\n"
    "    printf(\"%s %s\\n\", uf_event_method(event), uf_event_path(event)); /* goes to the log */\n"
    "    return uf_respond_printf(response, \"Hello, %s!\\n\", who);\n"
    "}\n"
    "\n"
    "/* Optional: called once, at deployment; its memory is what every event starts\n"
    " * from. The place for tables and configuration.\n"
    " *\n"
    " * int init(void)\n"
    " * {\n"
    " *     return 0;\n"
    " * }\n"
    " */\n";

#define FUNCTION_YAML                                                                        \
    "# What NAME is. Every key is optional; the values in comments are the defaults.\n"      \
    "name: NAME\n"                                                                           \
    "lang: LANG\n"                                                                           \
    "\n"                                                                                     \
    "# memory: 8Mi           # image, stack and heap together, 1Mi to 1Gi\n"                 \
    "# timeout: 3s           # how long one event may take, 1ms to 1h\n"                     \
    "# max_instances: 10     # how many events at the same time, 1 to 1000\n"                \
    "# isolation: auto       # auto: the best there is | kvm: refuse less | process\n"       \
    "# reuse: invocation     # invocation: fresh memory for every event | instance: kept\n"  \
    "# keep_warm: 60s        # how long an idle instance stays ready\n"                      \
    "\n"                                                                                     \
    "# env:                  # for getenv(), or the global `env` of a script\n"              \
    "#   GREETING: hello\n"                                                                  \
    "\n"                                                                                     \
    "# limits:               # per event\n"                                                  \
    "#   cpu_time: 3s        # else as timeout\n"                                            \
    "#   log: 64Ki           # bytes of log\n"                                               \
    "#   response: 1Mi       # bytes of response body\n"                                     \
    "#   host_calls: 1000    # calls to the platform\n"                                      \
    "#   effects: 1Mi        # bytes of what it sets, pushes and publishes\n"                \
    "\n"                                                                                     \
    "# triggers:             # what brings events; without http nobody calls it over HTTP\n" \
    "#   - http\n"                                                                           \
    "#   - queue: orders     # each event that is pushed there, or as many as batch says,\n" \
    "#     batch: 1          #   1 to 1000, at once;\n"                                      \
    "#     batch_window: 0s  #   and how long the first waits for others, 0s to 60s\n"       \
    "#   - topic: news       # what is published there\n"                                    \
    "# access: public        # over HTTP. public: anybody | password | internal: nobody\n"   \
    "# scale_threshold: 10   # waiting events for each instance, 1 to 1000000\n"             \
    "\n"                                                                                     \
    "# retry:                # of events from queues that were not handled\n"                \
    "#   attempts: 4         # in all, 1 to 100\n"                                           \
    "#   min_wait: 1s        # before the second; then longer and longer\n"                  \
    "#   max_wait: 60s       # at most 24h\n"                                                \
    "#   codes: [408, 429, 500, 502, 503, 504]   # answers that count as not handled\n"      \
    "# max_age: 24h          # older events are given up, 1s to 8760h\n"                     \
    "# on_success: archive   # a function that gets each result; next is the same\n"         \
    "# on_failure: complain  # a function that gets each event that was given up\n"          \
    "\n"                                                                                     \
    "# allow:                # URLs that it may fetch; all others are denied\n"              \
    "#   - https://api.example.org/v1/*\n"                                                   \
    "# secrets: [token]      # names of secrets that it may read\n"

static const char function_yaml[] = FUNCTION_YAML;
static const char function_yaml_js[] = FUNCTION_YAML
    "\n"
    "# params:               # what its parameters are, unless an event says otherwise\n"
    "#   limit: 20\n";

static const char readme_c[] = "# NAME\n"
                               "\n"
                               "A function for UniFaaS.\n"
                               "\n"
                               "    unifaas run . -d you        # here, without a daemon\n"
                               "    unifaas deploy .            # to the daemon\n"
                               "    unifaas invoke NAME -d you\n"
                               "    unifaas logs NAME\n"
                               "\n"
                               "`main.FILE` is the code, `function.yaml` says what it may use.\n"
                               "`unifaas build -g .` keeps line numbers for backtraces.\n";

static const char gitignore[] = "*.img\n.*.built\n";
static const char gitignore_js[] = "*.img\n.*.built\nnode_modules/\n";

static const struct template_file c_files[] = {
    {"main.c", main_c},
    {"function.yaml", function_yaml},
    {"README.md", readme_c},
    {".gitignore", gitignore},
    {NULL, NULL},
};

/* The same code is C++ as well: unifaas.h gives handle() its linkage. */
static const struct template_file cxx_files[] = {
    {"main.cc", main_c},
    {"function.yaml", function_yaml},
    {"README.md", readme_c},
    {".gitignore", gitignore},
    {NULL, NULL},
};

static const char main_js[] =
    "// NAME: answers every event with a greeting.\n"
    "\n"
    "// What stands here runs once, at deployment; its memory is what every event starts\n"
    "// from. The place for tables and configuration.\n"
    "const greeting = env.GREETING ?? 'Hello';\n"
    "\n"
    "// Called once for every event. Nothing that it leaves in memory is seen by the next\n"
    "// one. An OpenWhisk action does as well: function main(params) { ... }\n"
    "export default (event, context) => {\n"
    "    console.log(event.method, event.path); // goes to the log\n"
    "    return `${greeting}, ${event.text() || 'world'}!\\n`;\n"
    "};\n";

static const char main_ts[] =
    "// NAME: answers every event with a greeting.\n"
    "\n"
    "// What stands here runs once, at deployment; its memory is what every event starts\n"
    "// from. The place for tables and configuration.\n"
    "declare const env: Record<string, string | undefined>;\n"
    "const greeting: string = env.GREETING ?? 'Hello';\n"
    "\n"
    "// What is used of an event; docs/javascript.md has all of it.\n"
    "interface Event {\n"
    "    method: string;\n"
    "    path: string;\n"
    "    text(): string;\n"
    "}\n"
    "\n"
    "// Called once for every event. Nothing that it leaves in memory is seen by the next\n"
    "// one. An OpenWhisk action does as well: function main(params) { ... }\n"
    "export default (event: Event): string => {\n"
    "    console.log(event.method, event.path); // goes to the log\n"
    "    return `${greeting}, ${event.text() || 'world'}!\\n`;\n"
    "};\n";

static const char readme_js[] =
    "# NAME\n"
    "\n"
    "A function for UniFaaS.\n"
    "\n"
    "    unifaas run . -d you        # here, without a daemon\n"
    "    unifaas dev .               # deploys whenever a file changes\n"
    "    unifaas deploy .            # to the daemon\n"
    "    unifaas invoke NAME -d you\n"
    "    unifaas logs NAME\n"
    "\n"
    "`main.FILE` is the code, `function.yaml` says what it may use.\n";

static const struct template_file js_files[] = {
    {"main.js", main_js},
    {"function.yaml", function_yaml_js},
    {"README.md", readme_js},
    {".gitignore", gitignore_js},
    {NULL, NULL},
};

static const struct template_file ts_files[] = {
    {"main.ts", main_ts},
    {"function.yaml", function_yaml_js},
    {"README.md", readme_js},
    {".gitignore", gitignore_js},
    {NULL, NULL},
};

const struct template_lang template_langs[] = {
    {"c", "c", c_files},
    {"c++", "c++", cxx_files},
    {"javascript", "javascript", js_files},
    {"typescript", "javascript", ts_files},
    {NULL, NULL, NULL},
};
