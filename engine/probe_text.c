// SPDX-License-Identifier: MIT
/* probe_text.c: see probe_text.h. */
#include "engine/probe_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/reason.h"

unsigned probe_release(const char *release)
{
    char *end;
    unsigned long major = strtoul(release, &end, 10);

    if (end == release || *end != '.' || major > 999)
        return 0;
    const char *rest = end + 1;
    unsigned long minor = strtoul(rest, &end, 10);
    return end == rest || minor > 999 ? 0 : (unsigned)(major * 1000 + minor);
}

bool probe_has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; *at != '\0';) {
        at += strspn(at, " \t\n");
        size_t n = strcspn(at, " \t\n");
        if (n == len && n > 0 && memcmp(at, word, n) == 0)
            return true;
        at += n;
    }
    return false;
}

const char *probe_cpu_virt(const char *cpuinfo)
{
    if (probe_has_word(cpuinfo, "vmx"))
        return "vmx";
    return probe_has_word(cpuinfo, "svm") ? "svm" : "";
}

const char *probe_cgroups(const char *mounts)
{
    bool v1 = false;
    bool v2 = false;

    for (const char *line = mounts; line != NULL && *line != '\0';) {
        const char *next = strchr(line, '\n');
        /* device, directory, type: the third word decides */
        const char *type = strchr(line, ' ');
        type = type == NULL ? NULL : strchr(type + 1, ' ');
        if (type != NULL && (next == NULL || type < next)) {
            v1 = v1 || strncmp(type, " cgroup ", 8) == 0;
            v2 = v2 || strncmp(type, " cgroup2 ", 9) == 0;
        }
        line = next == NULL ? NULL : next + 1;
    }
    if (v1 && v2)
        return "v1 and v2";
    if (v2)
        return "v2";
    return v1 ? "v1" : "none";
}

const char *probe_kvm_kind(const struct probe_kvm_facts *f)
{
    if (f->has_pvm)
        return "page-table based, nested (kvm_pvm): guests run in user mode, leaving one costs "
               "tens of microseconds";
    if (f->is_arm)
        return f->is_guest ? "Arm virtualisation, nested" : "Arm virtualisation";
    if (strcmp(f->virt, "vmx") == 0)
        return f->is_guest ? "Intel VMX, nested" : "Intel VMX";
    if (strcmp(f->virt, "svm") == 0)
        return f->is_guest ? "AMD SVM, nested" : "AMD SVM";
    return "of a kind that /proc/cpuinfo does not name";
}

const char *probe_kvm_wrong(const struct probe_kvm_facts *f)
{
    return reason_words(reason_of_kvm(-f->error));
}

const char *probe_kvm_mend(const struct probe_kvm_facts *f)
{
    if (f->error == EACCES || f->error == EPERM)
        return f->is_container
                   ? "let the container open it: its device list must allow /dev/kvm, and its user "
                     "must be in the group that owns it"
                   : reason_mend(REASON_KVM_FORBIDDEN);
    if (f->error == EBUSY)
        return reason_mend(REASON_KVM_BUSY);
    if (reason_of_limit(-f->error) != REASON_NONE)
        return reason_mend(reason_of_limit(-f->error));
    if (f->is_container)
        return "pass the device to the container: --device /dev/kvm";
    if (f->is_arm)
        return "boot the board so that Linux starts in EL2 (a 64-bit kernel with CONFIG_KVM does on "
               "a Raspberry Pi 3 or later)";
    if (strcmp(f->virt, "vmx") == 0)
        return "sudo modprobe kvm_intel; if that fails, enable VT-x in the firmware";
    if (strcmp(f->virt, "svm") == 0)
        return "sudo modprobe kvm_amd; if that fails, enable SVM in the firmware";
    return f->is_guest ? "this is a virtual machine: let its host enable nested virtualisation"
                       : "enable virtualisation (VT-x or SVM) in the firmware";
}

const char *probe_userns_mend(const struct probe_userns_facts *f)
{
    if (f->unprivileged_clone == 0)
        return "sudo sysctl kernel.unprivileged_userns_clone=1, or start unifaasd as root";
    if (f->max == 0)
        return "sudo sysctl user.max_user_namespaces=15000, or start unifaasd as root";
    if (f->apparmor > 0)
        return "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or start unifaasd as "
               "root";
    return "in a container: let it make namespaces; else start unifaasd as root";
}
