"""layout.py - the programs: a core in a context, written out as C."""
import re

from core import marked


def shift(lines, tabs=1):
    return ['\t' * tabs + line if line else line for line in lines]


def declares(line):
    """whether a line of a body declares something"""
    return bool(re.match(r'\t(const )?(int|bool|char|struct \w+) \**\w+', line)) and '(' not in line.split('=')[0]


class Layout:
    """One program while it is written."""

    def __init__(self, core, context, leaky):
        self.core, self.context, self.leaky = core, context, leaky
        self.noun = core.noun
        self.struct = f'struct {core.noun}'
        self.joined = context.joined and core.spawns
        self.when = {'skipped' if context.skipped else 'absent',
                     'joined' if self.joined else 'loose'} if leaky else None
        self.static = '' if context.state == 'library' else 'static '

    # ---- pieces of the core, as this context writes them ----

    def lines(self, lines):
        """statements of the core: marks, calls of steps, starts of tasks"""
        out = []
        for line in marked(lines, self.when):
            call = re.fullmatch(r'(\t+)(\w+)\(s\);', line)
            go = re.fullmatch(r'(\t+)go (\w+);', line)
            if call and call.group(2) in self.core.steps:
                out += shift(self.step_call(call.group(2)), len(call.group(1)) - 1)
            elif go:
                out += shift(self.spawn(go.group(2)), len(go.group(1)) - 1)
            else:
                out.append(line)
        return out

    def block(self, name):
        return self.lines(self.core.blocks[name])

    def nested(self, lines):
        """a block after others: its declarations get braces"""
        if lines and declares(lines[0]):
            return ['\t{', *shift(lines), '\t}']
        return lines

    def spawn(self, task):
        if self.context.state == 'handle':
            start = [f'\ttask_go({task}, (struct errand){{ .title = "{task}", .user = s }});']
        else:
            start = [f'\ttask_spawn({task}, s);']
        return (['\twait_group_add(&s->running, 1);'] if self.joined else []) + start

    def step_body(self, name):
        for kind, step, lines in self.core.functions:
            if (kind, step) == ('step', name):
                return self.lines(lines)
        raise KeyError(name)

    def step_call(self, name):
        how = self.context.steps
        if how == 'inline':
            return self.step_body(name)
        if how == 'expression':
            return ['\tif (({', *shift(self.step_body(name)), '\t\t0;', '\t}) != 0)', '\t\tabort();']
        call = {'direct': f'{self.prefix()}{name}(s)', 'wrapped': f'{self.noun}_{name}(s)',
                'recursive': f'{name}(s, 2)', 'table': f's->ops->{name}(s)',
                'callback': f'{self.noun}_do(s, {name})'}[how]
        return [f'\t{call};']

    def prefix(self):
        """before names that several files share"""
        return f'{self.noun}_' if self.context.state == 'library' else ''

    # ---- functions ----

    def function(self, head, body):
        return [head, '{', *body, '}', '']

    def step_function(self, name):
        body, how = self.step_body(name), self.context.steps
        if how in ('inline', 'expression'):
            return []
        head = f'{self.static}void {self.prefix()}{name}({self.struct} *s)'
        if how == 'recursive':
            head = f'static void {name}({self.struct} *s, int depth)'
            begin = ['\tif (depth > 0) {', f'\t\t{name}(s, depth - 1);', '\t\treturn;', '\t}']
            return self.function(head, begin + [''] * declares(body[0]) + body)
        out = self.function(head, body)
        if how == 'wrapped':
            out += self.function(f'static void {self.noun}_{name}({self.struct} *s)',
                                 [f'\t{name}(s);', f'\ts->steps++;'])
        return out

    def state_of_argument(self, kind):
        if self.context.state == 'handle' and kind == 'task':
            return ['\tstruct errand *errand = arg;', f'\t{self.struct} *s = errand->user;', '']
        return [f'\t{self.struct} *s = arg;', '']

    def task_function(self, kind, name, lines):
        body = self.state_of_argument(kind) + self.lines(lines)
        if kind == 'task' and self.joined:
            body.append('\twait_group_done(&s->running);')
        if kind == 'member':
            body.append('\treturn 0;')
        result = 'int' if kind == 'member' else 'void'
        return self.function(f'static {result} {name}(void *arg)', body)

    def functions(self, wanted):
        out = []
        for kind, name, lines in self.core.functions:
            if kind not in wanted:
                continue
            out += (self.step_function(name) if kind == 'step'
                    else self.task_function(kind, name, lines))
        return out

    # ---- the struct, how it is made and given back ----

    def members(self):
        extra = []
        if self.context.steps == 'table':
            extra.append(f'\tconst struct {self.noun}_ops *ops;')
        if self.context.steps in ('wrapped', 'callback'):
            extra.append('\tint steps;')
        if self.context.state == 'list':
            extra.append(f'\t{self.struct} *next;')
        if self.joined:
            extra.append('\twait_group_t running;\t/* its tasks */')
        return self.core.blocks['members'] + extra

    def declarations(self):
        out = []
        if self.context.steps == 'table':
            out += [f'{self.struct};', '', f'struct {self.noun}_ops {{',
                    *(f'\tvoid (*{name})({self.struct} *s);' for name in self.core.steps), '};', '']
        out += [f'{self.struct} {{', *self.members(), '};', '']
        if self.context.state == 'handle':
            out += ['struct errand {', '\tconst char *title;', '\tvoid *user;', '};', '']
        if self.context.state == 'message':
            out += ['struct order {', f'\t{self.struct} *s;', '\tchan_t *reply;', '};', '']
        return out

    def table(self):
        if self.context.steps != 'table':
            return []
        return [f'static const struct {self.noun}_ops {self.noun}_ops = {{',
                *(f'\t.{name} = {name},' for name in self.core.steps), '};', '']

    def visitor(self):
        if self.context.steps != 'callback':
            return []
        return self.function(f'static void {self.noun}_do({self.struct} *s, void (*fn)({self.struct} *))',
                             ['\ts->steps++;', '\tfn(s);'])

    def open(self):
        table = [f'\ts->ops = &{self.noun}_ops;'] if self.context.steps == 'table' else []
        return table + self.block('open')

    def join(self):
        mark = f' // {self.core.join}' if self.leaky else ''
        return [f'\twait_group_wait(&s->running);{mark}'] if self.joined else []

    def constructor(self):
        return self.function(f'{self.static}{self.struct} *{self.noun}_new(void)', [
            f'\t{self.struct} *s = calloc(1, sizeof(*s));', '', '\tif (!s)', '\t\tabort();',
            *self.open(), '\treturn s;'])

    def destructor(self):
        if not self.context.joined:
            return []
        return self.function(f'{self.static}void {self.noun}_free({self.struct} *s)',
                             self.join() + self.block('close') + ['\tfree(s);'])

    def heap(self):
        return self.constructor() + self.destructor()

    def part(self, name, lines):
        """a part of the run as a function, if there is anything to do"""
        if not lines:
            return []
        return self.function(f'static void {self.noun}_{name}({self.struct} *s)', lines)

    # ---- the way through the program ----

    def lift(self):
        return self.block('lift')

    def lift_if_fixed(self):
        return [] if self.leaky else self.lift()

    def straight(self):
        """start, lift, finish, one after the other"""
        return self.block('start') + self.nested(self.lift_if_fixed()) + self.nested(self.block('finish'))

    def run_early(self):
        lift = [f'\t{self.noun}_settle(s);']
        return self.part('settle', self.lift()) + self.function(
            f'static int {self.noun}_run({self.struct} *s, int argc)', [
                *self.block('start'), '\tif (argc < 2) {', '\t\tputs("nothing more to do");',
                *([] if self.leaky else shift(lift)), '\t\treturn 1;', '\t}', *lift, '\treturn 0;'])

    def run_goto(self):
        body = ['\tint rc = -1;', '', *self.nested(self.block('start')),
                '\tif (argc < 2)', '\t\tgoto fail;']
        lift, done = self.nested(self.lift()), ['\trc = 0;']
        body += lift + done + ['fail:'] if self.leaky else done + ['fail:'] + (lift or ['\t;'])
        return self.function(f'static int {self.noun}_run({self.struct} *s, int argc)',
                             body + ['\treturn rc;'])

    def main(self, body, arguments=False):
        if arguments:
            return self.function('int main(int argc, char **argv)', body)
        return self.function('int main(void)', body)

    def main_local(self):
        begin = [f'\t{self.struct} {self.noun} = {{ 0 }}, *s = &{self.noun};']
        end = self.join() + self.block('close')
        if self.context.flow != 'early':
            return self.main([*begin, '', *self.open(), *self.straight(), *end, '\treturn 0;'])
        return self.run_early() + self.main(
            [*begin, '\tint rc;', '', *self.open(), f'\trc = {self.noun}_run(s, argc);',
             '\tprintf("%s: rc %d\\n", argv[0], rc);', *self.nested(self.block('finish')), *end, '\treturn 0;'], True)

    def main_global(self):
        return self.main([*self.open(), *self.straight(), '\treturn 0;'])

    def main_heap(self):
        begin = [f'\t{self.struct} *s = {self.noun}_new();']
        end = [f'\t{self.noun}_free(s);'] if self.context.joined else []
        if self.context.flow == 'goto':
            return self.heap() + self.run_goto() + self.main(
                [*begin, f'\tint rc = {self.noun}_run(s, argc);', '', '\tprintf("%s: rc %d\\n", argv[0], rc);',
                 *self.nested(self.block('finish')), *end, '\treturn 0;'], True)
        if self.context.flow == 'counted':
            return self.heap() + self.part('run', self.straight()) + self.main(
                ['\tfor (int i = 0; i < argc; i++) {', '\t\tputs(argv[i]);',
                 f'\t\t{self.noun}_run({self.noun}_new());', '\t}', '\treturn 0;'], True)
        return self.heap() + self.main([*begin, '', *self.straight(), *end, '\treturn 0;'])

    main_handle = main_heap

    def parts(self):
        """start, settle and finish as functions, and which there are"""
        out, named = [], []
        for name, block in (('start', 'start'), ('settle', 'lift'), ('finish', 'finish')):
            lines = self.block(block)
            out += self.part(name, lines)
            if lines:
                named.append(name)
        return out, named

    def main_array(self):
        count, many = f'N{self.noun.upper()}', f'all'
        first = 1 if self.leaky else 0
        functions, named = self.parts()
        body = [f'\t{self.struct} {many}[{count}] = {{ 0 }};', '']

        def each(name, start=0):
            return [f'\tfor (int i = {start}; i < {count}; i++)', f'\t\t{self.noun}_{name}(&{many}[i]);']
        opening = self.part('open', self.open())
        closing = self.part('close', self.join() + self.block('close'))
        if opening:
            body += each('open')
        for name in named:
            body += each(name, first if name == 'settle' else 0)
        if closing:
            body += each('close')
        return ['enum { %s = 2 };' % count, ''] + opening + closing + functions + self.main(body + ['\treturn 0;'])

    def main_list(self):
        functions, named = self.parts()
        body = [f'\t{self.struct} *list = NULL;', '', '\tfor (int i = 0; i < 2; i++) {',
                f'\t\t{self.struct} *s = {self.noun}_new();', '', '\t\ts->next = list;', '\t\tlist = s;', '\t}']
        for name in named:
            first = 'list->next' if self.leaky and name == 'settle' else 'list'
            body += [f'\tfor ({self.struct} *s = {first}; s; s = s->next)', f'\t\t{self.noun}_{name}(s);']
        return self.constructor() + functions + self.main(body + ['\treturn 0;'])

    def main_message(self):
        run = self.part('run', self.straight())
        secondary = ' // leak-secondary' if self.leaky else ''
        service = self.function('static void service(void *arg)', [
            '\tchan_t *orders = arg;', '', f'\tchan_range(struct order, order, orders) {{{secondary}',
            f'\t\t{self.noun}_run(order.s);', '\t\tchan_send(order.reply, NULL);', '\t}'])
        return self.heap() + run + service + self.main([
            '\tchan_t *orders = chan_make(struct order, 0);',
            f'\tstruct order order = {{ {self.noun}_new(), chan_create(0, 0) }};', '',
            '\ttask_spawn(service, orders);', '\tchan_send(orders, &order);',
            f'\tchan_recv(order.reply, NULL);{secondary}', '\tchan_close(orders);',
            f'\t{self.noun}_free(order.s);', '\tchan_release(order.reply);', '\treturn 0;'])

    # ---- files ----

    def banner(self):
        if self.leaky and self.joined and 'unseen' in self.core.join:
            return [f'/* {self.core.story}; {self.context.title}',
                    ' * run: without leak check, as it does not end', ' */']
        return [f'/* {self.core.story}; {self.context.title} */']

    def includes(self):
        return ['#include <stdlib.h>', '', '#include <chanrt.h>', '']

    def globals(self):
        return [f'static {self.struct} {self.noun};', ''] if self.context.state == 'global' else []

    def single(self):
        main = getattr(self, 'main_' + self.context.state)()
        lines = (self.banner() + self.includes() + self.declarations() + self.globals() + self.visitor()
                 + self.functions(('step', 'callback', 'member', 'task')) + self.table() + main)
        if self.context.state == 'global':
            lines = [self.through_global(line) for line in lines]
        return {f'{self.noun}.c': text(lines)}

    def through_global(self, line):
        line = re.sub(r'\bs->', f'{self.noun}.', line)
        line = line.replace(f'\t{self.struct} *s = arg;', '\t(void)arg;')
        line = re.sub(r'(\w)\(s\)', r'\1()', line).replace(f'({self.struct} *s)', '(void)')
        return re.sub(r', s\)', ', NULL)', line)

    def prototypes(self):
        out = [f'{self.struct} *{self.noun}_new(void);', f'void {self.noun}_free({self.struct} *s);']
        return out + [f'void {self.noun}_{name}({self.struct} *s);' for name in self.core.steps]

    def library(self):
        header = f'{self.noun}.h'
        guard = f'{self.noun.upper()}_H'
        inside = self.functions(('step', 'callback', 'member')) + self.heap()
        mine = [f'#include "{header}"', '']
        body = [f'\t{self.struct} *s = {self.noun}_new();', '', *self.straight(), f'\t{self.noun}_free(s);',
                '\treturn 0;']
        members = [name for kind, name, _ in self.core.functions if kind == 'member']
        return {header: text([*self.banner(), f'#ifndef {guard}', f'#define {guard}', '', '#include <chanrt.h>', '',
                              *self.declarations(), *self.prototypes(),
                              *(f'int {name}(void *arg);' for name in members), '', '#endif']),
                f'{self.noun}.c': text(['#include <stdlib.h>', '', *mine,
                                        *(line.replace('static int', 'int') for line in inside)]),
                'main.c': text([*self.banner(), *mine, *self.functions(('task',)), *self.main(body)])}


def tidy(lines):
    """declarations stand together"""
    out = []
    for line in lines:
        if len(out) > 1 and out[-1] == '' and declares(line) and (declares(out[-2]) or out[-2].endswith(' *s = arg;')):
            out.pop()
        out.append(line)
    return out


def text(lines):
    lines = tidy(lines)
    return '\n'.join(lines).rstrip('\n') + '\n'


def program(core, context, leaky):
    """file name -> text"""
    layout = Layout(core, context, leaky)
    return layout.library() if context.state == 'library' else layout.single()
