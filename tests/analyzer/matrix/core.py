"""core.py - a blocking core: a mechanism by which tasks get stuck, as pieces of C.

A .core file begins with a line that tells its story and the struct that holds its state, s in
the code. Then come sections:

    == members       of the struct
    == open, close   how the state is made and given back
    == step NAME     what a task does, at which it may get stuck; called as NAME(s);
    == task NAME     started with `go NAME;`
    == callback NAME, == member NAME
                     functions for task_once and task_group_spawn
    == start         what comes first
    == lift          what frees the tasks: the leaky program leaves it out, on some way
    == finish        what comes after

Lines of the leaky program carry marks as in testdata/. `// MARK | WHEN: MARK...` is another
one, or none, when the lift stands there and only some way leaves it out (skipped), or when the
tasks are waited for at the end (joined) or not (loose); the last that applies counts. Behind
the struct, `, join: MARK` is the mark of that wait, if it is not secondary.
"""
import os
import re

FUNCTIONS = ('step', 'task', 'callback', 'member')
MARK = re.compile(r' // ((?:leak|\||endless).*)$')


class Core:
    def __init__(self, path):
        self.name = os.path.basename(path)[:-len('.core')]
        self.blocks = {'members': [], 'open': [], 'close': [], 'start': [], 'lift': [], 'finish': []}
        self.functions = []             # (kind, name, lines), in their order
        with open(path) as f:
            head, *sections = re.split(r'^== ', f.read(), flags=re.M)
        self.story, struct = head.strip().split('\n')
        struct, _, join = struct.partition(', join: ')
        self.noun = struct.removeprefix('struct ')
        self.join = join or 'leak-secondary'
        for section in sections:
            title, *lines = section.rstrip('\n').split('\n')
            kind, _, name = title.partition(' ')
            if kind in FUNCTIONS:
                self.functions.append((kind, name, lines))
            else:
                self.blocks[kind] = lines
        self.steps = [name for kind, name, _ in self.functions if kind == 'step']
        self.spawns = any(kind == 'task' for kind, _, _ in self.functions)


def chosen(marks, when):
    """of 'MARK | WHEN: MARK...'"""
    mark, *others = re.split(r' ?\| ', marks)
    for other in others:
        condition, _, text = other.partition(': ')
        if condition in when:
            mark = text
    return mark


def marked(lines, when):
    """lines with the marks that apply; when None: without"""
    out = []
    for line in lines:
        found = MARK.search(line)
        if found:
            line = line[:found.start()]
            mark = chosen(found.group(1), when) if when is not None else ''
            line += ' // ' + mark if mark else ''
        out.append(line)
    return out
