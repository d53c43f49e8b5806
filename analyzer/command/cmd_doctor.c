/* doctor: what is wrong with the set-up. */
#include "doctor.h"
#include "session.h"

static void print_remark(const struct remark *r, bool color, FILE *out)
{
    static const struct { const char *word, *paint; } words[] = {
        [HEALTH_OK] = { "ok", "\033[32m" }, [HEALTH_WARNING] = { "warning", "\033[1;35m" },
        [HEALTH_ERROR] = { "error", "\033[1;31m" },
    };

    fprintf(out, "%s%-7s%s  %-16s  %s\n", color ? words[r->health].paint : "", words[r->health].word,
            color ? "\033[0m" : "", r->about, r->text);
}

enum status command_doctor(struct session *session)
{
    const struct options *o = session->options;
    struct doctor d = {
        .arena = session->arena, .config = o->config, .no_config = o->no_config, .rules = o->rules,
        .database = o->database, .store = o->store, .runtime = o->runtime,
    };
    enum health worst = HEALTH_OK;

    if (o->file_count)
        return session_complain(arena_printf(session->arena, "doctor takes no operand, but '%s' was given", o->files[0]));
    doctor_examine(&d);
    for (uint32_t i = 0; i < d.count; i++) {
        print_remark(&d.list[i], session_color(session), stdout);
        worst = d.list[i].health > worst ? d.list[i].health : worst;
    }
    return worst == HEALTH_OK ? STATUS_CLEAN : worst == HEALTH_WARNING ? STATUS_FINDINGS : STATUS_FAILED;
}
