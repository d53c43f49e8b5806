/* tree_sum: a tree is summed by a task per subtree, recursively. Every channel has
 * room for the two sums that come.
 */
#include <chanrt.h>

struct node {
	struct node *left, *right;
	int          value;
};

struct subtree {
	const struct node *root;
	chan_t            *sum;		/* int */
};

static void sum_main(void *arg)
{
	struct subtree *t = arg;
	int sum = 0;

	if (t->root) {
		chan_t *parts = chan_make(int, 2);
		int left, right;

		task_go(sum_main, (struct subtree){ t->root->left, parts });
		task_go(sum_main, (struct subtree){ t->root->right, parts });
		chan_recv(parts, &left);
		chan_recv(parts, &right);
		chan_release(parts);
		sum = left + right + t->root->value;
	}
	chan_send(t->sum, &sum);
}

static int tree_sum(const struct node *root)
{
	chan_t *result = chan_make(int, 1);
	int sum;

	task_go(sum_main, (struct subtree){ root, result });
	chan_recv(result, &sum);
	chan_release(result);
	return sum;
}

int main(void)
{
	static struct node leaves[4] = { { .value = 1 }, { .value = 2 }, { .value = 3 }, { .value = 4 } };
	static struct node inner[2] = {
		{ &leaves[0], &leaves[1], 10 },
		{ &leaves[2], &leaves[3], 20 },
	};
	static struct node root = { &inner[0], &inner[1], 100 };

	printf("%d\n", tree_sum(&root));
	return tree_sum(&root) == 140 ? 0 : 1;
}
