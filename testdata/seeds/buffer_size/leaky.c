/* Article on goroutine patterns, "channel size" and "use buffered channels when
 * the message count is known": everything is sent first and received afterwards,
 * so the channel must have room for all of it. Why 100? The day
 * that there are more items, main is alone with a full channel.
 */
#include <chanrt.h>

static void process_items(const int *items, size_t count)
{
	chan_t *ch = chan_make(int, 100);

	for (size_t i = 0; i < count; i++)
		chan_send(ch, &items[i]); // leak: forgotten-sender
	chan_close(ch);

	chan_range(int, item, ch)
		printf("Processing: %d\n", item);
	chan_release(ch);
}

int main(void)
{
	enum { ITEMS = 120 };
	int items[ITEMS];

	for (int i = 0; i < ITEMS; i++)
		items[i] = i;
	process_items(items, ITEMS);
	return 0;
}
