/* subscribers: a linked list of channels. The publisher drops what a subscriber has
 * no room for, and closes each channel when the list is freed.
 */
#include <stdlib.h>

#include <chanrt.h>

struct subscriber
{
  struct subscriber *next;
  chan_t *inbox;                /* int */
  int id;
};

struct topic
{
  struct subscriber *first;
  wait_group_t reading;
};

struct reader
{
  struct topic *topic;
  chan_t *inbox;
  int id;
};

static void
read_inbox (void *arg)
{
  struct reader *r = arg;

  chan_range (int, item, r->inbox)
    printf ("subscriber %d: item %d\n", r->id, item);
  chan_release (r->inbox);
  wait_group_done (&r->topic->reading);
}

static void
topic_subscribe (struct topic *topic, int id)
{
  struct subscriber *s = malloc (sizeof *s);

  if (s == NULL)
    abort ();
  s->id = id;
  s->inbox = chan_make (int, 2);
  s->next = topic->first;
  topic->first = s;
  wait_group_add (&topic->reading, 1);
  task_go (read_inbox, (struct reader) { topic, chan_retain (s->inbox), id });
}

static int
topic_publish (struct topic *topic, int item)
{
  int dropped = 0;

  for (struct subscriber *s = topic->first; s != NULL; s = s->next)
    if (!chan_try_send (s->inbox, &item))
      dropped++;
  return dropped;
}

static void
topic_close (struct topic *topic)
{
  struct subscriber *s, *next;

  for (s = topic->first; s != NULL; s = next)
    {
      next = s->next;
      chan_close (s->inbox);
      chan_release (s->inbox);
      free (s);
    }
  wait_group_wait (&topic->reading);
}

int
main (void)
{
  static struct topic topic;
  int dropped = 0;

  for (int id = 1; id <= 3; id++)
    topic_subscribe (&topic, id);
  for (int item = 0; item < 5; item++)
    dropped += topic_publish (&topic, item);
  topic_close (&topic);
  printf ("%d dropped\n", dropped);
  return 0;
}
