#include "deep.h"

#include <pthread.h>
#include <stddef.h>

struct call {
    int  (*body)(void *argument);
    void  *argument;
    int    result;
};

static void *start(void *argument)
{
    struct call *call = argument;

    call->result = call->body(call->argument);
    return NULL;
}

/* The thread's stack is mapped without being touched; where address space is short (ulimit -v)
 * a smaller one does, and in the end the one there is. */
int deep_call(int (*body)(void *argument), void *argument)
{
    struct call call = { body, argument, 0 };
    pthread_attr_t attributes;
    pthread_t thread;
    int failed = 1;

    pthread_attr_init(&attributes);
    for (size_t size = (size_t)1 << 30; failed && size >= (size_t)16 << 20; size /= 4)
        failed = pthread_attr_setstacksize(&attributes, size) ||
                 pthread_create(&thread, &attributes, start, &call);
    pthread_attr_destroy(&attributes);
    if (failed)
        start(&call);
    else
        pthread_join(thread, NULL);
    return call.result;
}
