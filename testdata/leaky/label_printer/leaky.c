/* label_printer: labels are put together in the caller's record, and a pointer to it goes
 * through the queue. The caller returns as soon as there is room in the queue.
 *
 * schedule: rare - nothing shows but a wrong label
 */
#include <string.h>

#include <chanrt.h>

struct label {
	char text[24];
	int  copies;
};

struct printer {
	chan_t      *queue;		/* struct label *, capacity 2 */
	wait_group_t running;
	long         printed;
};

static void printer_run(void *arg)
{
	struct printer *p = arg;

	chan_range(struct label *, label, p->queue)
		p->printed += label->copies;
	wait_group_done(&p->running);
}

static void print_label(struct printer *p, const char *text, int copies)
{
	struct label label = { .copies = copies };
	struct label *message = &label;

	strncpy(label.text, text, sizeof(label.text) - 1);
	chan_send(p->queue, &message); // leak: escaping-argument; unseen: the address is read in time or not, nothing waits
}

int main(void)
{
	static struct printer printer;

	printer.queue = chan_make(struct label *, 2);
	wait_group_add(&printer.running, 1);
	task_spawn(printer_run, &printer);
	print_label(&printer, "fragile", 2);
	print_label(&printer, "this side up", 1);
	chan_close(printer.queue);
	wait_group_wait(&printer.running);
	printf("printed\n");
	return 0;
}
