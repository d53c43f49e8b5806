/* setting.h - numbers from the environment. */
#ifndef RT_SETTING_H
#define RT_SETTING_H

#include <stdbool.h>
#include <stdint.h>

enum { RT_EXIT_USAGE = 2 };

#define RT_MS_MOST UINT64_C(1000000000)     /* of milliseconds: 11 days, as nanoseconds far from
                                               the end of time */

/* The number in the environment variable; false when that is not set or empty, and *value
 * is left alone. Anything but a number from least to most ends the process with a line that
 * says so. sized: K or M may follow, for 2^10 and 2^20. */
bool rt_setting(const char *name, bool sized, uint64_t least, uint64_t most, uint64_t *value);

#endif
