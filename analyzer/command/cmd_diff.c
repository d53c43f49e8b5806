/* diff: two databases, and the findings that came, went and stayed. Findings are told apart by finding_key.h,
 * never by their line numbers. */
#include <string.h>

#include "finding_key.h"
#include "report_diff.h"
#include "session.h"

struct side {
    struct findings findings;
    const char     *database;       /* the compile database it was checked through */
    const char     *root;           /* folder that paths are told from, with its /; "" */
    uint64_t       *keys;
};

static bool read_side(struct session *session, const char *path, struct side *side)
{
    const char *error;
    struct store *store = store_open_reading(path, session->arena, &error);

    side->findings.arena = session->arena;
    if (store) {
        store_read_findings(store, &side->findings);
        side->database = store_last_database(store);
        error = store_error(store);
        store_close(store);
    }
    if (error)
        session_complain(error);
    return !error;
}

/* Two checkouts: their compile databases lie at the same place in each. What the paths do not have in common
 * at their ends are the folders of the checkouts. */
static void find_roots(struct side *old, struct side *new, struct arena *arena)
{
    const char *a = old->database, *b = new->database, *end_a, *end_b;

    old->root = new->root = "";
    if (!a || !b || !strcmp(a, b))
        return;
    end_a = a + strlen(a);
    end_b = b + strlen(b);
    while (end_a > a && end_b > b && end_a[-1] == end_b[-1]) {
        end_a--;
        end_b--;
    }
    end_a += strcspn(end_a, "/");       /* half a name is not the same name */
    end_b += strcspn(end_b, "/");
    if (*end_a && *end_b && !strcmp(end_a, end_b)) {
        old->root = arena_printf(arena, "%.*s/", (int)(end_a - a), a);
        new->root = arena_printf(arena, "%.*s/", (int)(end_b - b), b);
    }
}

static const char *path_in(const struct side *side, const char *path)
{
    size_t size = strlen(side->root);

    return path && !strncmp(path, side->root, size) ? path + size : path ? path : "";
}

static void find_keys(struct side *side, struct arena *arena)
{
    side->keys = ARENA_ARRAY(arena, uint64_t, side->findings.count + 1);
    for (uint32_t i = 0; i < side->findings.count; i++) {
        const struct finding *f = &side->findings.list[i];
        struct finding_key key = finding_key(f, path_in(side, f->at.file), f->text, arena);

        side->keys[i] = finding_key_hash(&key);
    }
}

/* Those of `side` that the other one has are `both`, or left out when that is CHANGE_COUNT. */
static void compare(const struct side *side, const struct side *other, enum change alone, enum change both,
                    struct changes *changes, struct arena *arena)
{
    struct finding_keys keys = { .arena = arena };

    for (uint32_t i = 0; i < other->findings.count; i++)
        finding_keys_add(&keys, other->keys[i]);
    for (uint32_t i = 0; i < side->findings.count; i++) {
        const struct finding *f = &side->findings.list[i];
        enum change change = finding_keys_take(&keys, side->keys[i]) ? both : alone;
        const char *path = path_in(side, f->at.file);

        if (change == CHANGE_COUNT)
            continue;
        changes->of[change]++;
        ARENA_PUSH(arena, changes->list, changes->count, changes->capacity) =
            (struct changed_finding){ f, source_path(path, arena), change };
    }
}

static enum status report_changes(struct session *session, const struct changes *changes)
{
    FILE *out = session_output(session);

    if (!out)
        return STATUS_FAILED;
    if (!strcmp(session->options->format_name, "json"))
        report_diff_json(changes, out);
    else
        report_diff_text(changes, session_color(session), out);
    if (!session_close(session, out))
        return STATUS_FAILED;
    fprintf(stderr, "%u introduced, %u fixed, %u unchanged\n", changes->of[CHANGE_INTRODUCED],
            changes->of[CHANGE_FIXED], changes->of[CHANGE_UNCHANGED]);
    for (uint32_t i = 0; i < changes->count && !session->options->exit_zero; i++)
        if (changes->list[i].change == CHANGE_INTRODUCED && changes->list[i].finding->severity != SEVERITY_NOTE)
            return STATUS_FINDINGS;
    return STATUS_CLEAN;
}

enum status command_diff(struct session *session)
{
    const struct options *o = session->options;
    struct changes changes = { 0 };
    struct side old = { 0 }, new = { 0 };

    if (o->file_count != 2)
        return session_complain("diff needs two databases: chanleak diff OLD.db NEW.db");
    if (!read_side(session, o->files[0], &old) || !read_side(session, o->files[1], &new))
        return STATUS_FAILED;
    find_roots(&old, &new, session->arena);
    find_keys(&old, session->arena);
    find_keys(&new, session->arena);
    compare(&new, &old, CHANGE_INTRODUCED, CHANGE_UNCHANGED, &changes, session->arena);
    compare(&old, &new, CHANGE_FIXED, CHANGE_COUNT, &changes, session->arena);
    return report_changes(session, &changes);
}
