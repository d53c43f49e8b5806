/* sighting.h - what many runs show: each line once, with the first seed that showed it. */
#ifndef RT_SIGHTING_H
#define RT_SIGHTING_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct rt_sighting {
    char    *line;
    uint64_t first;                 /* the least seed */
    uint64_t last;                  /* counted last */
    unsigned runs;
};

struct rt_sightings {
    struct rt_sighting *all;
    size_t              count, room;
};

/* Once more for a run counts once. */
void rt_sightings_add(struct rt_sightings *seen, const char *line, uint64_t seed);

/* Each line, by first seeds: "LINE, first seen with NAME17 (31 of 200 runs)". */
void rt_sightings_print(struct rt_sightings *seen, const char *name, unsigned runs, FILE *out);
void rt_sightings_free(struct rt_sightings *seen);

#endif
