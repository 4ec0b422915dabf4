// SPDX-License-Identifier: MIT
// LINK: engine/probe.c engine/probe_kvm.c engine/probe_kernel.c engine/probe_text.c
// LINK: engine/tender.c engine/hostcall.c engine/spawn.c engine/event.c engine/memfile.c engine/reason.c
// LINK: engine/probe_state.c engine/statedir.c
// LIBS: libsodium
#include "engine/probe.h"

#include <errno.h>
#include <string.h>

#include "engine/probe_text.h"
#include "tests/tap.h"

static void a_release_is_its_first_two_numbers(void)
{
    CHECK(probe_release("6.1.0-13-amd64") == 6001);
    CHECK(probe_release("5.10.223-v8+") == 5010);
    CHECK(probe_release("6.12") == 6012);
    CHECK(probe_release("10.0.0") > probe_release("9.99.0"));
}

static void what_is_no_release_is_zero(void)
{
    CHECK(probe_release("") == 0);
    CHECK(probe_release("linux") == 0);
    CHECK(probe_release("6") == 0);
    CHECK(probe_release("6.") == 0);
    CHECK(probe_release("6.x") == 0);
    CHECK(probe_release("99999999999999999999.1") == 0);
}

static void a_word_counts_only_whole(void)
{
    CHECK(probe_has_word("flags : fpu vmx sse", "vmx"));
    CHECK(probe_has_word("vmx", "vmx"));
    CHECK(probe_has_word("a\nvmx\n", "vmx"));
    CHECK(!probe_has_word("vmxa avmx", "vmx"));
    CHECK(!probe_has_word("", "vmx"));
    CHECK(!probe_has_word("   ", ""));
}

static void the_processor_names_its_virtualisation(void)
{
    CHECK(strcmp(probe_cpu_virt("flags\t\t: fpu vmx sse2\n"), "vmx") == 0);
    CHECK(strcmp(probe_cpu_virt("flags\t\t: fpu svm\n"), "svm") == 0);
    CHECK(strcmp(probe_cpu_virt("Features\t: fp asimd\n"), "") == 0);
}

static void cgroups_are_told_by_the_type_of_the_mount(void)
{
    CHECK(strcmp(probe_cgroups("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"), "v2") == 0);
    CHECK(strcmp(probe_cgroups("cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n"), "v1") == 0);
    CHECK(strcmp(probe_cgroups("cgroup /c cgroup rw 0 0\nx /u cgroup2 rw 0 0"), "v1 and v2") == 0);
    CHECK(strcmp(probe_cgroups("cgroup2 /cgroup tmpfs rw 0 0\n"), "none") == 0);
    CHECK(strcmp(probe_cgroups("a\nb c cgroup2 rw\n"), "v2") == 0);
    CHECK(strcmp(probe_cgroups(""), "none") == 0);
}

static void the_kind_of_kvm_tells_nesting_and_page_tables(void)
{
    struct probe_kvm_facts f = {.virt = "vmx"};

    CHECK(strcmp(probe_kvm_kind(&f), "Intel VMX") == 0);
    f.is_guest = true;
    CHECK(strcmp(probe_kvm_kind(&f), "Intel VMX, nested") == 0);
    f.virt = "svm";
    CHECK(strcmp(probe_kvm_kind(&f), "AMD SVM, nested") == 0);
    f.has_pvm = true;
    CHECK(strstr(probe_kvm_kind(&f), "page-table based, nested") != NULL);
    f = (struct probe_kvm_facts){.virt = "", .is_arm = true};
    CHECK(strcmp(probe_kvm_kind(&f), "Arm virtualisation") == 0);
}

static void no_permission_on_kvm_is_mended_by_its_group(void)
{
    struct probe_kvm_facts f = {.error = EACCES, .virt = "vmx"};

    CHECK(strstr(probe_kvm_wrong(&f), "may not open") != NULL);
    CHECK(strstr(probe_kvm_mend(&f), "usermod -aG kvm") != NULL);
    f.is_container = true;
    CHECK(strstr(probe_kvm_mend(&f), "container") != NULL);
}

static void a_missing_kvm_is_mended_where_it_is_missing(void)
{
    struct probe_kvm_facts f = {.error = ENOENT, .virt = "vmx"};

    CHECK(strcmp(probe_kvm_wrong(&f), "there is no /dev/kvm") == 0);
    CHECK(strstr(probe_kvm_mend(&f), "modprobe kvm_intel") != NULL);
    f.virt = "svm";
    CHECK(strstr(probe_kvm_mend(&f), "modprobe kvm_amd") != NULL);
    f.virt = "";
    CHECK(strstr(probe_kvm_mend(&f), "firmware") != NULL);
    f.is_guest = true;
    CHECK(strstr(probe_kvm_mend(&f), "nested virtualisation") != NULL);
    f.is_container = true;
    CHECK(strstr(probe_kvm_mend(&f), "--device /dev/kvm") != NULL);
    f = (struct probe_kvm_facts){.error = ENOENT, .virt = "", .is_arm = true};
    CHECK(strstr(probe_kvm_mend(&f), "EL2") != NULL);
}

static void the_sysctl_that_forbids_namespaces_is_named(void)
{
    struct probe_userns_facts f = {.unprivileged_clone = 0, .max = 10, .apparmor = -1};

    CHECK(strstr(probe_userns_mend(&f), "kernel.unprivileged_userns_clone=1") != NULL);
    f = (struct probe_userns_facts){.unprivileged_clone = 1, .max = 0, .apparmor = -1};
    CHECK(strstr(probe_userns_mend(&f), "user.max_user_namespaces") != NULL);
    f = (struct probe_userns_facts){.unprivileged_clone = -1, .max = 10, .apparmor = 1};
    CHECK(strstr(probe_userns_mend(&f), "apparmor") != NULL);
    f = (struct probe_userns_facts){.unprivileged_clone = -1, .max = 10, .apparmor = -1};
    CHECK(strstr(probe_userns_mend(&f), "container") != NULL);
}

static void a_backend_that_does_not_exist_is_refused_with_the_choices(void)
{
    enum backend b = BACKEND_KVM;
    char note[256];
    struct uf_err err = {0};

    CHECK(probe_backend("xen", &b, note, &err) == -EINVAL);
    CHECK(strstr(err.msg, "'xen'; valid: auto, kvm, process") != NULL);
}

static void auto_is_kvm_exactly_where_kvm_works_and_else_says_why(void)
{
    enum backend b = BACKEND_KVM;
    char note[256] = "x";
    bool works = probe_kvm(NULL) == 0;

    CHECK(probe_backend("auto", &b, note, NULL) == 0);
    CHECK(b == (works ? BACKEND_KVM : BACKEND_PROCESS));
    CHECK(works == (note[0] == '\0'));
    CHECK(probe_backend("kvm", &b, note, NULL) == (works ? 0 : -ENODEV));
    CHECK(probe_backend("process", &b, note, NULL) == 0 && b == BACKEND_PROCESS);
}

static void every_line_says_what_it_found_and_how_to_mend_what_is_not_ok(void)
{
    struct probe p[PROBE_MAX];
    int n = probe_all("/nonexistent/unifaas-tender", p);

    CHECK(n > 10 && n <= PROBE_MAX);
    for (int i = 0; i < n; i++) {
        CHECK(p[i].name[0] != '\0' && p[i].found[0] != '\0');
        CHECK(p[i].ok == (p[i].mend[0] == '\0'));
        CHECK(!p[i].ok || !p[i].fatal);
    }
}

static void without_a_tender_nothing_runs_and_the_report_says_so(void)
{
    struct probe p[PROBE_MAX];
    int n = probe_all("/nonexistent/unifaas-tender", p);
    const struct probe *last = &p[n - 1];

    CHECK(strcmp(last->name, "process backend") == 0);
    CHECK(!last->ok && last->fatal);
    CHECK(strstr(last->found, "/nonexistent/unifaas-tender") != NULL);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_release_is_its_first_two_numbers),
        TAP_CASE(what_is_no_release_is_zero),
        TAP_CASE(a_word_counts_only_whole),
        TAP_CASE(the_processor_names_its_virtualisation),
        TAP_CASE(cgroups_are_told_by_the_type_of_the_mount),
        TAP_CASE(the_kind_of_kvm_tells_nesting_and_page_tables),
        TAP_CASE(no_permission_on_kvm_is_mended_by_its_group),
        TAP_CASE(a_missing_kvm_is_mended_where_it_is_missing),
        TAP_CASE(the_sysctl_that_forbids_namespaces_is_named),
        TAP_CASE(a_backend_that_does_not_exist_is_refused_with_the_choices),
        TAP_CASE(auto_is_kvm_exactly_where_kvm_works_and_else_says_why),
        TAP_CASE(every_line_says_what_it_found_and_how_to_mend_what_is_not_ok),
        TAP_CASE(without_a_tender_nothing_runs_and_the_report_says_so),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
