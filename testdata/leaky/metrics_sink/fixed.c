/* metrics_sink: measurements go through a table of functions to a sink with its
 * reporter, which the last close ends.
 */
#include <stdlib.h>

#include <chanrt.h>

typedef struct sink sink_t;

struct sink_ops
{
  void (*emit) (sink_t *self, const char *name, double value);
  void (*finish) (sink_t *self);
};

struct sink
{
  const struct sink_ops *ops;
};

struct sample
{
  const char *name;
  double value;
};

struct chan_sink
{
  sink_t base;
  chan_t *samples;              /* struct sample */
};

static void
chan_sink_emit (sink_t *self, const char *name, double value)
{
  struct chan_sink *sink = (struct chan_sink *) self;
  struct sample sample = { name, value };

  chan_send (sink->samples, &sample);
}

static void
chan_sink_finish (sink_t *self)
{
  struct chan_sink *sink = (struct chan_sink *) self;

  chan_close (sink->samples);
}

static const struct sink_ops chan_sink_ops = { chan_sink_emit, chan_sink_finish };

static void
report (void *arg)
{
  struct chan_sink *sink = arg;

  chan_range (struct sample, sample, sink->samples)
    printf ("%s %g\n", sample.name, sample.value);
}

static sink_t *
chan_sink_open (void)
{
  struct chan_sink *sink = malloc (sizeof *sink);

  if (sink == NULL)
    abort ();
  sink->base.ops = &chan_sink_ops;
  sink->samples = chan_make (struct sample, 0);
  task_spawn (report, sink);
  return &sink->base;
}

static void
null_emit (sink_t *self, const char *name, double value)
{
  (void) self;
  (void) name;
  (void) value;
}

static void
null_finish (sink_t *self)
{
  (void) self;
}

static sink_t null_sink = { &(const struct sink_ops) { null_emit, null_finish } };

static void
measure (void *arg)
{
  sink_t *sink = arg;

  for (int i = 1; i <= 3; i++)
    sink->ops->emit (sink, "load", i / 2.0);
  sink->ops->finish (sink);
}

int
main (int argc, char **argv)
{
  bool quiet = argc > 1 && argv[1][0] == 'q';
  sink_t *sink = quiet ? &null_sink : chan_sink_open ();

  task_spawn (measure, sink);
  task_sleep (10 * TASK_MILLISECOND);
  return 0;
}
