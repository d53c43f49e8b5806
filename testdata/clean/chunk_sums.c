/* chunk_sums: a megabyte is summed in chunks of 64 KiB by two tasks, which take every other
 * chunk; the sixteen sums come in any order.
 */
#include <stdint.h>

#include <chanrt.h>

enum { SIZE = 1 << 20, CHUNK = 64 * 1024, SUMMERS = 2 };

static uint8_t image[SIZE];

struct summer {
	chan_t *sums;			/* uint32_t */
	int     first;			/* byte */
};

static uint32_t sum_of(const uint8_t *bytes, int count)
{
	uint32_t sum = 0;

	for (int i = 0; i < count; i++)
		sum = sum * 31 + bytes[i];
	return sum;
}

static void summer_main(void *arg)
{
	const struct summer *s = arg;

	for (int at = s->first; at < SIZE; at += SUMMERS * CHUNK) {
		uint32_t sum = sum_of(image + at, CHUNK);

		chan_send(s->sums, &sum);
	}
}

int main(void)
{
	chan_t *sums = chan_make(uint32_t, 0);
	struct summer summers[SUMMERS];
	uint32_t total = 0;

	for (int i = 0; i < SIZE; i++)
		image[i] = (uint8_t)(i % 251);
	for (int i = 0; i < SUMMERS; i++) {
		summers[i] = (struct summer){ sums, i * CHUNK };
		task_spawn(summer_main, &summers[i]);
	}
	for (int i = 0; i < SIZE / CHUNK; i++) {
		uint32_t sum;

		chan_recv(sums, &sum);
		total ^= sum;
	}
	printf("%08x\n", total);
	return 0;
}
