// The header from C++: everything but the macros that are compound literals (task_go,
// chan_select, chan_poll, chan_select_timeout), for which the functions under them do.
#include <chanrt.h>

static void answer(void *arg)
{
    chan_t *ch = static_cast<chan_t *>(arg);

    chan_send_value(ch, 42);
    chan_release(ch);
}

int main()
{
    chan_t *ch = chan_make(int, 0), *never = chan_make(int, 1);
    int value = 0, other = 0;

    task_spawn(answer, chan_retain(ch));
    chan_case_t cases[] = { CHAN_RECV(ch, &value), CHAN_RECV(never, &other) };
    int index = chan_select_n(cases, 2);

    chan_release(ch);
    chan_release(never);
    printf("%d\n", value);
    return index == 0 && value == 42 ? 0 : 1;
}
