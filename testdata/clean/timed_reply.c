/* timed_reply: the caller may give up at any moment, and the callee sends into a
 * channel that has room for the only answer, so it does not matter.
 */
#include <stdlib.h>

#include <chanrt.h>

struct question
{
  int number;
  chan_t *reply;                /* int, capacity 1; one reference per side */
};

static void
oracle (void *arg)
{
  struct question *q = arg;
  int answer = q->number + 1;

  if (q->number % 2)
    task_sleep (4 * TASK_MILLISECOND);
  chan_send (q->reply, &answer);
  chan_release (q->reply);
}

/* The answer, or FALLBACK when it takes too long.  */
static int
ask (int number, int fallback)
{
  chan_t *reply = chan_make (int, 1);
  int answer = fallback;

  task_go (oracle, (struct question) { number, chan_retain (reply) });
  if (chan_select_timeout (2 * TASK_MILLISECOND, CHAN_RECV (reply, &answer)) < 0)
    fprintf (stderr, "no answer to %d in time\n", number);
  chan_release (reply);
  return answer;
}

/* The same, asked again once before giving up.  */
static int
ask_twice (int number, int fallback)
{
  int answer = ask (number, -1);

  if (answer == -1)
    answer = ask (number, fallback);
  return answer;
}

int
main (void)
{
  int sum = 0;

  for (int number = 0; number < 4; number++)
    sum += ask_twice (number, 100);
  printf ("%d\n", sum);
  return EXIT_SUCCESS;
}
