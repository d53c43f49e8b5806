/* front.h - from the compile database to programs: all of the front end in one
 * call.
 */
#ifndef FRONT_H
#define FRONT_H

#include "flow.h"
#include "unit_cache.h"

struct front_options {
    const char        *database;    /* -p: folder or file; NULL: look for it */
    const char *const *flags;       /* in its place: all of the files are compiled with these; ends with NULL */
    const char *const *files;       /* sources or folders; none: the whole database */
    size_t             file_count;
    const char *const *models;      /* model headers */
    size_t             model_count;
    const char *const *roots;       /* functions to start from besides those that roots.h finds */
    size_t             root_count;
    /* Is the file left out, unless it is named itself? NULL: none is. */
    bool             (*excluded)(void *self, const char *file);
    unsigned           processes;   /* that parse, at most; 0: one a CPU */
    const struct unit_file *overlay;    /* text that stands in for files */
    size_t             overlay_count;
    int                keeper;          /* as in parser.h */
    const struct unit_cache *cache;     /* NULL: everything is parsed */
    bool               some;        /* files that no unit is made from are left out, not an error */
    /* told of each unit that was parsed; may be NULL */
    void             (*parsed)(void *self, const char *file, uint32_t done, uint32_t of);
    void              *self;
};

struct front_unit {
    const char        *file, *directory;    /* absolute */
    bool               wanted;      /* was asked for; else it was read because a program needs it */
    const char *const *arguments;   /* of libclang, normalised; ends with NULL */
    uint64_t           key;         /* of file, directory, arguments, models, and what parses */
    uint64_t           hash;        /* of the contents of the source and what it includes */
    bool               cached;      /* is what it was: not parsed again */
    bool               parsed;
    bool               left_out;    /* no unit of this state of the files, see `some` and unit_file; error says why, NULL: it is a header, read with others */
    const char        *error;       /* why it was not analysed, one line; NULL: it was */
    const char        *warning;     /* what was left out of its flags, or NULL */
};

/* A unit of a program, and how it is compiled. */
struct front_part {
    const char *file, *directory;   /* absolute */
    const char *command;            /* the words of the compiler's command, one a line */
};

struct front_program {
    const char        *name;        /* unique */
    uint64_t           hash;        /* of the contents of all its units and the models */
    const struct flow *flow;        /* linked, checked */
    const uint32_t    *roots;
    uint32_t           root_count;
    const struct front_part *parts;
    uint32_t           part_count;
};

struct front {
    const char           *database;     /* the compile database, absolute */
    struct front_unit    *units;    uint32_t unit_count;
    struct front_program *programs; uint32_t program_count;
    bool                  unchanged;    /* every unit is in the cache, and was analysed */
    uint64_t              hash;         /* of all units, and which were asked for */
    struct loader        *loader;
};

/* Find out what the options ask for, and what of it is in the cache. With files, only programs
 * that hold one of them are given; their other units are read too. NULL and in *error one
 * line when there is nothing to read. Everything is allocated from `arena` and goes
 * with it; the options stay in use. */
struct front *front_open(const struct front_options *options, struct arena *arena, const char **error);
/* Parse the rest and link the programs. False: *error says why nothing can be read. */
bool          front_read(struct front *front, const char **error);
void          front_free(struct front *front);      /* ends what parses; NULL is fine */

#endif
