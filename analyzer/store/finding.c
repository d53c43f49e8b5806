#include "finding.h"

#include <stdlib.h>
#include <string.h>

static int compare_sites(const struct site *a, const struct site *b)
{
    int files = strcmp(a->file ? a->file : "", b->file ? b->file : "");

    if (files)
        return files;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->col == b->col ? 0 : a->col < b->col ? -1 : 1;
}

static int compare_findings(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    int sites = compare_sites(&a->at, &b->at);

    return sites ? sites : strcmp(a->rule, b->rule);
}

bool finding_is_same(const struct finding *a, const struct finding *b)
{
    return compare_findings(a, b) == 0;
}

void findings_add(struct findings *findings, const struct finding *finding)
{
    for (uint32_t i = 0; i < findings->count; i++) {
        struct finding *have = &findings->list[i];

        if (compare_findings(have, finding))
            continue;
        if (finding->step_count < have->step_count)
            *have = *finding;
        return;
    }
    ARENA_PUSH(findings->arena, findings->list, findings->count, findings->capacity) = *finding;
}

void findings_sort(struct findings *findings)
{
    if (findings->count)
        qsort(findings->list, findings->count, sizeof *findings->list, compare_findings);
}

const char *severity_name(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return "error";
    case SEVERITY_WARNING:
        return "warning";
    case SEVERITY_NOTE:
        return "note";
    }
    return "error";
}
