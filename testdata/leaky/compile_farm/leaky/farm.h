/* farm.h - compiles files with a fixed number of workers. */
#ifndef FARM_H
#define FARM_H

#include <chanrt.h>

struct farm;

struct farm *farm_start(int workers);
/* 0 or EINVAL; blocks while all workers are busy. */
int farm_submit(struct farm *f, const char *file);
/* No more files; waits for those submitted. */
void farm_finish(struct farm *f);

#endif
