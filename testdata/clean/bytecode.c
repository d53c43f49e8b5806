/* bytecode: bytecode with computed gotos; its instructions send and receive on numbered channels, and the two programs fit together */
#include "chanrt.h"
#include <stdlib.h>

enum op { PUSH, ADD, SEND, RECV, LOOP, HALT };

struct vm {
	const signed char *code;
	chan_t           **port;        /* long */
	long               stack[8];
	int                top;
};

static void vm_run(void *arg)
{
	static void *const go[] = { &&push, &&add, &&send, &&recv, &&loop, &&halt };
	struct vm *vm = arg;
	const signed char *pc = vm->code;
	int counter = 0;

	goto *go[*pc++];
push:
	vm->stack[vm->top++] = *pc++;
	goto *go[*pc++];
add:
	vm->top--;
	vm->stack[vm->top - 1] += vm->stack[vm->top];
	goto *go[*pc++];
send:
	chan_send(vm->port[*pc++], &vm->stack[--vm->top]);
	goto *go[*pc++];
recv:
	chan_recv(vm->port[*pc++], &vm->stack[vm->top++]);
	goto *go[*pc++];
loop:
	if (++counter < pc[0]) {
		pc -= pc[1];
	} else {
		counter = 0;
		pc += 2;
	}
	goto *go[*pc++];
halt:
	return;
}

static const signed char adder[] = { RECV, 0, RECV, 0, ADD, SEND, 1, LOOP, 2, 8, HALT };
static const signed char user[] = { PUSH, 1, SEND, 0, PUSH, 2, SEND, 0, RECV, 1, LOOP, 2, 11, HALT };

int main(void)
{
	static chan_t *port[2];
	static struct vm a, b;

	port[0] = chan_make(long, 0);
	port[1] = chan_make(long, 0);
	a = (struct vm){ .code = adder, .port = port };
	b = (struct vm){ .code = user, .port = port };
	task_spawn(vm_run, &a);
	vm_run(&b);
	printf("%ld\n", b.stack[0]);
	return 0;
}
