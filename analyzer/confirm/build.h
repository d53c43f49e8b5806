/* build.h - a program, built with the runtime from the commands of the compile database, and
 * run. Nothing outside a temporary folder is written. */
#ifndef BUILD_H
#define BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "front.h"

struct build_options {
    const char *runtime;        /* folder with libchanrt.a, or NULL: look for it */
    const char *link;           /* further words for the linker, or NULL */
};

/* Compile and link the parts in the folder. The program's path, or NULL and in *error what
 * failed and what to do. */
const char *build_program(const struct front_part *parts, uint32_t count, const char *folder,
                          const struct build_options *options, struct arena *arena,
                          const char **error);

/* libchanrt.a, in a folder or beside this program (NULL). NULL: *error says where it was looked for. */
const char *build_library(const char *runtime, struct arena *arena, const char **error);

/* Run a command with more words for its environment ("A=1"; ends with NULL), its stdin empty, in
 * `directory` (NULL: here), for so many seconds at most. What it wrote to stderr and,
 * with_stdout, to stdout; NULL when it could not be started, see errno. */
struct build_run {
    const char *output;
    int         status;         /* as waitpid gives it */
    bool        late;           /* it was ended, its time was over */
};
struct build_run build_run(const char *const *command, const char *const *environment,
                           const char *directory, double seconds, bool with_stdout,
                           struct arena *arena);

/* SIGINT or SIGTERM came since the first build_run: the command it ran was ended, no other starts. */
bool build_interrupted(void);

/* The output with places of the form "program(+0x1234)", which calls have that are no macros, as
 * "file:line"; they stay where addr2line does not know. */
const char *build_places(const char *output, const char *program, struct arena *arena);

/* A new folder for it, and the folder with all in it removed. */
const char *build_folder(struct arena *arena);
void        build_clean(const char *folder, struct arena *arena);

#endif
