/* log_lines: messages whose kind is zero for a line of text; the text that is copied in
 * does not make another kind of it, nor does what comes behind the text change.
 */
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

enum kind { LOG_LINE, LOG_FLUSH, LOG_CLOSE };

struct message {
	enum kind kind;
	union {
		char    line[80];
		chan_t *flushed;	/* char: told when all before was written */
	} u;
	int level;			/* 0: written to the log */
};

struct logger {
	FILE   *to;
	chan_t *box;			/* struct message */
	chan_t *closed;
};

static void writer(void *arg)
{
	struct logger *log = arg;
	struct message m;

	for (;;) {
		chan_recv(log->box, &m);
		switch (m.kind) {
		case LOG_LINE:
			if (m.level == 0)
				fprintf(log->to, "%s\n", m.u.line);
			break;
		case LOG_FLUSH:
			fflush(log->to);
			chan_send(m.u.flushed, "");
			break;
		case LOG_CLOSE:
			chan_close(log->closed);
			return;
		}
	}
}

static void log_text(struct logger *log, const char *text)
{
	struct message m = { .kind = LOG_LINE };

	strncpy(m.u.line, text, sizeof m.u.line - 1);
	chan_send(log->box, &m);
}

static void log_number(struct logger *log, int number)
{
	struct message m = { .level = 0 };

	snprintf(m.u.line, sizeof m.u.line, "number %d", number);
	chan_send(log->box, &m);
}

static void log_flush(struct logger *log)
{
	struct message m = { .kind = LOG_FLUSH };

	m.u.flushed = chan_make(char, 0);
	chan_send(log->box, &m);
	chan_recv(m.u.flushed, NULL);
	chan_release(m.u.flushed);
}

static void log_close(struct logger *log)
{
	struct message m = { .kind = LOG_CLOSE };

	chan_send(log->box, &m);
	chan_recv(log->closed, NULL);
	chan_release(log->box);
	chan_release(log->closed);
}

int main(int argc, char **argv)
{
	struct logger log = { stdout, chan_make(struct message, 0), chan_make(char, 0) };

	task_spawn(writer, &log);
	log_text(&log, argv[0]);
	log_number(&log, argc);
	log_flush(&log);
	log_close(&log);
	return EXIT_SUCCESS;
}
