/* maps.c - /proc/self/maps and /proc/self/pagemap, read without malloc. */
#define _GNU_SOURCE
#include "maps.h"
#include "pages.h"
#include "ranges.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_LEAST = 40 };           /* bytes of a line in maps, about */

/* ---- mappings ---- */

/* "7f12-7f34 rw-p 0000 08:01 123   /name" */
static char *read_line(char *line, struct rt_map *map)
{
    char *end = strchrnul(line, '\n');
    char *at, *name;
    unsigned long inode;

    *map = (struct rt_map){ .start = strtoul(line, &at, 16) };
    map->end = strtoul(at + 1, &at, 16);
    map->readable = at[1] == 'r';
    map->writable = at[2] == 'w';
    map->shared = at[4] == 's';
    strtoul(at + 6, &at, 16);                   /* offset */
    at = strchrnul(at + 1, ' ');                /* device */
    inode = strtoul(at, &at, 10);
    map->file = inode != 0;
    for (name = at; name < end && *name == ' '; name++)
        ;
    if ((size_t)(end - name) >= sizeof map->name)
        name = end - sizeof map->name + 1;
    memcpy(map->name, name, (size_t)(end - name));
    return *end ? end + 1 : end;
}

bool rt_maps_load(struct rt_maps *maps)
{
    size_t text_size;
    char *text = rt_pages_read_file("/proc/self/maps", &text_size);

    *maps = (struct rt_maps){ .pagemap = -1 };
    if (!text)
        return false;
    maps->size = (strlen(text) / LINE_LEAST + 1) * sizeof *maps->all;
    maps->all = rt_pages_get(maps->size);
    for (char *line = text; maps->all && *line; maps->count++)
        line = read_line(line, &maps->all[maps->count]);
    rt_pages_put(text, text_size);
    maps->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    return maps->all != NULL;
}

void rt_maps_drop(struct rt_maps *maps)
{
    rt_pages_put(maps->all, maps->size);
    if (maps->pagemap >= 0)
        close(maps->pagemap);
}

struct rt_map *rt_maps_find(const struct rt_maps *maps, uintptr_t address)
{
    return rt_ranges_find(maps->all, maps->count, sizeof *maps->all, address);
}

bool rt_map_holds_data(const struct rt_map *map)
{
    if (!map->readable || strncmp(map->name, "[v", 2) == 0)
        return false;
    return strncmp(map->name, "/dev/", 5) != 0 || strncmp(map->name, "/dev/shm/", 9) == 0 ||
           strncmp(map->name, "/dev/zero", 9) == 0;
}

/* ---- pages ---- */

#define PAGE_PRESENT (UINT64_C(1) << 63)
#define PAGE_SWAPPED (UINT64_C(1) << 62)
#define PAGE_OF_FILE (UINT64_C(1) << 61)    /* or of shared memory */

/* A page of shared memory can be there without an entry: it was given back to the system, or
 * another mapping or process has written it. */
static bool holds_anything(const struct rt_map *map, uint64_t page)
{
    if (map->shared)
        return true;
    if (map->file && page & PAGE_OF_FILE)
        return false;
    return page & (PAGE_PRESENT | PAGE_SWAPPED);
}

enum { BATCH = 512 };

void rt_maps_touched(const struct rt_maps *maps, const struct rt_map *map, uintptr_t start,
                     uintptr_t end, void (*visit)(uintptr_t start, uintptr_t end, void *arg),
                     void *arg)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = 0;                         /* of the run of touched pages, if not 0 */
    uint64_t entries[BATCH];

    for (uintptr_t at = start & ~(page - 1); at < end; at += BATCH * page) {
        size_t wanted = (end - at + page - 1) / page;
        size_t n = wanted < BATCH ? wanted : BATCH;

        if (pread(maps->pagemap, entries, n * sizeof *entries,
                  (off_t)(at / page * sizeof *entries)) != (ssize_t)(n * sizeof *entries))
            memset(entries, 0xff, sizeof entries), map = &(struct rt_map){ .shared = true };
        for (size_t i = 0; i < n; i++) {
            uintptr_t here = at + i * page;

            if (holds_anything(map, entries[i])) {
                from = from ? from : here > start ? here : start;
            } else if (from) {
                visit(from, here, arg);
                from = 0;
            }
        }
    }
    if (from)
        visit(from, end, arg);
}
