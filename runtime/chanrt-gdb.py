# chanrt-gdb.py - tasks for gdb: `info tasks`, `task N bt`, `task all bt`.
#
#   (gdb) source /usr/share/chanrt/chanrt-gdb.py      (or in ~/.gdbinit)
#   (gdb) info tasks
#   (gdb) task 7 bt
#   (gdb) task 7 info locals                          (any command, in the frame of the wait)
#   (gdb) task all bt 5
#
# Works on processes and on core files: it reads memory and calls nothing. (gdb's own
# generate-core-file gives up on mappings with guards of Linux 6.13 in them, and loses task
# stacks; the cores that Linux writes have them.) A parked task's
# stack is shown by an unwinder that, while such a command runs, has the selected thread's
# innermost frame come from the place where the task left its stack. The program must have
# been linked with a libchanrt that has debugging information.
import re

import gdb
from gdb.unwinder import Unwinder, register_unwinder

PC_MARK = 1 << 63       # site.h: a site that is a return address

# switch.S: what lies where the task's stack pointer was left, one register a word, and how
# many words there are.
FRAMES = {
    'i386:x86-64': (['r15', 'r14', 'r13', 'r12', 'rbx', 'rbp', 'rip'], 7, 'rsp'),
    'aarch64': (['x19', 'x20', 'x21', 'x22', 'x23', 'x24', 'x25', 'x26', 'x27', 'x28', 'x29',
                 'pc'], 20, 'sp'),
}


def plain(value):
    """A member's number, whether the member is atomic or not."""
    return int(value.cast(value.type.strip_typedefs().unqualified()))


def of_stacks(name, member):
    """The variable of stack.c with that name, which others may have too: known by a member."""
    for symbol in gdb.lookup_static_symbols(name):
        if symbol.type.code == gdb.TYPE_CODE_STRUCT and member in symbol.type.keys():
            return symbol.value()
    raise gdb.GdbError('no tasks: the program has no libchanrt with debugging information')


# As in task.h: a task lies below its stack's top by its own size and by the stack's colour.
STACK_ALIGN, COLOURS, COLOUR = 4096, 32, 64


def bottom(task):
    """The lowest byte of the task's stack (rt_task_stack)."""
    top = (int(task.address) | (STACK_ALIGN - 1)) + 1
    return top - plain(gdb.parse_and_eval('rt_stack_bytes'))


def on_top(stack, size):
    """Where the task lies whose stack begins there (rt_task_on)."""
    top = stack + plain(gdb.parse_and_eval('rt_stack_bytes'))
    return top - ((size + 63) & ~63) - top // STACK_ALIGN % COLOURS * COLOUR


def tasks():
    """Every live task, by id: those on the stacks of every slab (rt_stacks_each)."""
    slab = of_stacks('slabs', 'first')['first']
    stride = plain(of_stacks('size', 'per_slab')['stride'])
    task_type = gdb.lookup_type('struct rt_task')
    found = []
    while plain(slab):
        slab = gdb.Value(plain(slab)).cast(gdb.lookup_type('struct slab').pointer()).dereference()
        for i in range(plain(slab['used'])):
            if plain(slab['dropped'][i]):
                continue
            stack = int(slab.address) + plain(slab['first']) + i * stride
            at = on_top(stack, task_type.sizeof)
            task = gdb.Value(at).cast(task_type.pointer()).dereference()
            if plain(task['id']):
                found.append(task)
        slab = slab['next']
    return sorted(found, key=lambda task: plain(task['id']))


def state(task):
    """In task_dump's words."""
    return gdb.parse_and_eval('rt_state_names')[plain(task['wait']['state'])].string()


def is_blocked(task):
    return state(task) not in ('running', 'runnable')


def site(pointer):
    """The "file:line" of a site that is one, or of the code before a return address."""
    address = plain(pointer)
    if address & PC_MARK:
        place = gdb.find_pc_line((address & ~PC_MARK) - 1)
        if place.symtab:
            return '%s:%d' % (place.symtab.filename, place.line)
        return '0x%x' % (address & ~PC_MARK)
    text = gdb.Value(address).cast(gdb.lookup_type('char').pointer())
    return text.string() if address else ''


def doing(task):
    if not is_blocked(task):
        return ''
    where = 'at ' + site(task['wait']['site'])
    made = site(task['wait']['made'])
    if made:
        where += ' on channel made at %s (capacity %d)' % (made, plain(task['wait']['capacity']))
    return where


def thread_of(task):
    """The thread whose stack pointer lies on the task's stack, or None."""
    low, high = bottom(task), int(task.address)
    selected = gdb.selected_thread()
    found = None
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        if low <= int(gdb.newest_frame().read_register('sp')) < high:
            found = thread
    if selected:
        selected.switch()
    return found


class ParkedUnwinder(Unwinder):
    """The caller of the innermost frame is the task, while there is one."""

    def __init__(self):
        super().__init__('chanrt parked task')
        self.task_sp = None
        self.thread_sp = None

    def __call__(self, pending):
        if self.task_sp is None or int(pending.read_register('sp')) != self.thread_sp:
            return None
        registers, words, sp = FRAMES[gdb.selected_inferior().architecture().name()]
        word = gdb.lookup_type('unsigned long')
        # Below the task's frames, or gdb takes the change of stacks for corruption.
        info = pending.create_unwind_info(FrameId(self.task_sp, pending.read_register('pc')))
        for i, name in enumerate(registers):
            at = gdb.Value(self.task_sp + 8 * i).cast(word.pointer())
            info.add_saved_register(name, at.dereference())
        info.add_saved_register(sp, gdb.Value(self.task_sp + 8 * words).cast(word))
        return info

    def enter(self, task):
        self.thread_sp = int(gdb.newest_frame().read_register('sp'))
        self.task_sp = plain(task['sp'])
        gdb.invalidate_cached_frames()

    def leave(self):
        self.task_sp = None
        gdb.invalidate_cached_frames()


class FrameId:
    def __init__(self, sp, pc):
        self.sp = gdb.Value(sp)
        self.pc = pc


parked = ParkedUnwinder()
register_unwinder(None, parked, replace=True)


def backtrace(arguments):
    """bt without the frame that belongs to the thread."""
    count = re.search(r'(?<![\w-])\d+', arguments)
    if count:       # that frame counts too
        more = str(int(count.group()) + 1)
        arguments = arguments[:count.start()] + more + arguments[count.end():]
    text = gdb.execute('backtrace ' + arguments, to_string=True)
    start = text.find('\n#1 ') + 1
    if start > 0:
        text = text[start:]
    return re.sub(r'(?m)^#(\d+)', lambda number: '#%d' % (int(number.group(1)) - 1), text)


def in_parked(task, command):
    words = command.split(None, 1)
    parked.enter(task)
    try:
        if words[0] in ('bt', 'backtrace', 'where'):
            return backtrace(words[1] if len(words) > 1 else '')
        gdb.newest_frame().older().select()
        return gdb.execute(command, to_string=True)
    finally:
        parked.leave()


def in_task(task, command):
    """What command prints in the task."""
    selected, frame = gdb.selected_thread(), None
    thread = thread_of(task)
    try:
        frame = gdb.selected_frame().level()
        if thread:
            thread.switch()
            return gdb.execute(command, to_string=True)
        return in_parked(task, command)
    finally:
        if selected:
            selected.switch()
        if frame:
            gdb.execute('frame %d' % frame, to_string=True)


def heading(task):
    text = 'task %d [%s]' % (plain(task['id']), state(task))
    if doing(task):
        text += ' ' + doing(task)
    return text + ', spawned at ' + site(task['spawn_site'])


class InfoTasks(gdb.Command):
    """Every live task: id, state, where it is blocked and on what, where it was spawned."""

    def __init__(self):
        super().__init__('info tasks', gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        all_tasks = tasks()
        for task in all_tasks:
            print(heading(task))
        if not all_tasks:
            print('no tasks')


class TaskCommand(gdb.Command):
    """task N COMMAND, task all COMMAND: run COMMAND, such as bt, on the stack of task N."""

    def __init__(self):
        super().__init__('task', gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        words = argument.split(None, 1)
        if len(words) < 2 or not (words[0] == 'all' or words[0].isdigit()):
            raise gdb.GdbError('usage: task N COMMAND or task all COMMAND, as in: task 7 bt')
        chosen = [task for task in tasks()
                  if words[0] == 'all' or plain(task['id']) == int(words[0])]
        if not chosen and words[0] != 'all':
            raise gdb.GdbError('no task %s' % words[0])
        for task in chosen:
            print(heading(task))
            print(in_task(task, words[1]), end='')


InfoTasks()
TaskCommand()
