/* A sorting plant: parcels go to the lane their label hashes to, and those whose label begins with a
 * letter to the lane the table names. Lanes stand before other members of the plant, which no lane number reaches. */
#include "chanrt.h"

#include <ctype.h>

#define LANES 3

struct parcel {
	unsigned number;
	int      grams;
};

struct plant {
	struct lane {
		chan_t *belt;           /* struct parcel */
		long    grams;
	} lane[LANES];
	wait_group_t staffed;
	chan_t      *overflow;          /* made when it is first needed */
	chan_t      *label_belt[2];
	chan_t      *spare_belt;        /* none */
};

struct post {
	struct plant *plant;
	unsigned      at;
};

static unsigned char lane_of_letter[256];

static void staff_lane(void *arg)
{
	struct post *post = arg;
	struct lane *lane = &post->plant->lane[post->at];

	chan_range(struct parcel, p, lane->belt)
		lane->grams += p.grams;
	wait_group_done(&post->plant->staffed);
}

static void plant_open(struct plant *plant)
{
	wait_group_add(&plant->staffed, LANES);
	for (unsigned i = 0; i < LANES; i++) {
		plant->lane[i].belt = chan_make(struct parcel, 1);
		task_go(staff_lane, (struct post){ plant, i });
	}
	plant->label_belt[0] = plant->lane[0].belt;
	plant->label_belt[1] = plant->lane[1].belt;
}

static unsigned hash(const char *label)
{
	unsigned h = 5381;

	while (*label)
		h = h * 33 + (unsigned char)*label++;
	return h;
}

static void plant_sort(struct plant *plant, const char *label)
{
	struct parcel p = { hash(label), 100 };

	if (!isalpha((unsigned char)label[0]))
		chan_send(plant->lane[p.number % LANES].belt, &p);
	else
		chan_send(plant->label_belt[lane_of_letter[(unsigned char)label[0]]], &p);
}

static long plant_close(struct plant *plant)
{
	long grams = 0;

	for (unsigned i = 0; i < LANES; i++)
		chan_close(plant->lane[i].belt);
	wait_group_wait(&plant->staffed);
	for (unsigned i = 0; i < LANES; i++)
		grams += plant->lane[i].grams;
	return grams;
}

int main(int argc, char **argv)
{
	static struct plant plant;

	for (int c = 'a'; c <= 'z'; c++)
		lane_of_letter[c] = (unsigned char)(c > 'm');
	plant_open(&plant);
	for (int i = 1; i < argc && i < 2; i++)
		plant_sort(&plant, argv[i]);
	printf("%ld g\n", plant_close(&plant));
	return 0;
}
