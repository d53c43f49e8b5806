/* nested_groups: each team waits for its members and then tells the company; an
 * empty team waits for nobody.
 */
#include <stdatomic.h>

#include <chanrt.h>

struct company {
	wait_group_t teams;
	atomic_int   finished;
};

struct team {
	struct company *company;
	int             size;
};

struct member {
	struct company *company;
	wait_group_t   *team;
	int             number;
};

static void member_main(void *arg)
{
	struct member *m = arg;

	if (m->number % 2 == 0)
		task_yield();
	atomic_fetch_add(&m->company->finished, 1);
	wait_group_done(m->team);
}

static void team_main(void *arg)
{
	struct team *t = arg;
	wait_group_t members = { 0 };

	for (int i = 0; i < t->size; i++) {
		wait_group_add(&members, 1);
		task_go(member_main, (struct member){ t->company, &members, i });
	}
	wait_group_wait(&members);
	wait_group_done(&t->company->teams);
}

int main(void)
{
	static const int sizes[] = { 3, 0, 1 };
	static struct company company;

	for (int i = 0; i < 3; i++) {
		wait_group_add(&company.teams, 1);
		task_go(team_main, (struct team){ &company, sizes[i] });
	}
	wait_group_wait(&company.teams);
	return atomic_load(&company.finished) == 4 ? 0 : 1;
}
