/* ballot_bits: sets of members are bits of a word: each member of a set is asked once, and as many votes are taken as the set has bits; the ranks of the votes come back in network order */
#include "chanrt.h"
#include <stdlib.h>
#include <strings.h>

#define for_each_bit(i, set) \
	for (unsigned left_ = (set), i; left_ && (i = (unsigned)__builtin_ctz(left_), true); left_ &= left_ - 1)

enum { MEMBERS = 4 };

struct member {
	unsigned id;
	chan_t  *ask;           /* signals, closed at the end */
	chan_t  *votes;         /* unsigned, big-endian */
};

static void member_run(void *arg)
{
	struct member *m = arg;
	unsigned rank = __builtin_bswap32(m->id + 1);

	while (chan_recv(m->ask, NULL))
		chan_send(m->votes, &rank);
}

static unsigned ballot(struct member *m, unsigned set, chan_t *votes)
{
	unsigned seen = 0;

	for_each_bit(i, set)
		chan_send(m[i].ask, NULL);
	for (int n = __builtin_popcount(set); n > 0; n--) {
		unsigned rank;

		chan_recv(votes, &rank);
		seen |= 1u << (__builtin_bswap32(rank) - 1);
	}
	return seen;
}

/* Asks from the lowest member of a set up to the highest, one at a time. */
static int poll_upwards(struct member *m, int set, chan_t *votes)
{
	int asked = 0, bit;

	while ((bit = ffs(set)) != 0) {
		unsigned rank;

		chan_send(m[bit - 1].ask, NULL);
		chan_recv(votes, &rank);
		set &= ~(1 << (bit - 1));
		asked++;
	}
	return asked;
}

int main(void)
{
	static struct member m[MEMBERS];
	chan_t *votes = chan_make(unsigned, MEMBERS);

	for (unsigned i = 0; i < MEMBERS; i++) {
		m[i] = (struct member){ i, chan_create(0, 0), votes };
		task_spawn(member_run, &m[i]);
	}
	printf("%x\n", ballot(m, 0xb, votes));
	printf("%x\n", ballot(m, 0x4, votes));
	printf("%d\n", poll_upwards(m, 0x5, votes));
	for (unsigned i = 0; i < MEMBERS; i++)
		chan_close(m[i].ask);
	return 0;
}
