/* maps.h - the process's memory: what is mapped, and which pages of it hold anything. */
#ifndef RT_MAPS_H
#define RT_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct rt_map {
    uintptr_t start, end;
    bool      readable, writable, shared;
    bool      file;                 /* has one */
    char      name[48];             /* the end of it */
};

struct rt_maps {
    struct rt_map *all;             /* by address */
    size_t         count, size;
    int            pagemap;         /* of /proc, or -1 */
};

/* The calling process's. False when that cannot be read. */
bool rt_maps_load(struct rt_maps *maps);
void rt_maps_drop(struct rt_maps *maps);

/* The map that holds address, or NULL. */
struct rt_map *rt_maps_find(const struct rt_maps *maps, uintptr_t address);

/* The program can have stored something there: not in code, nor in devices. */
bool rt_map_holds_data(const struct rt_map *map);

/* Call visit with each part of a range whose pages hold anything: that were touched, or,
 * in a private mapping of a file, written. All of it when that cannot be told, as in
 * shared memory. */
void rt_maps_touched(const struct rt_maps *maps, const struct rt_map *map, uintptr_t start,
                     uintptr_t end, void (*visit)(uintptr_t start, uintptr_t end, void *arg),
                     void *arg);

#endif
