"""contexts.py - where a core is put: the shapes that C code really has.

state   where the struct lives: local, global, heap (a constructor and a destructor), handle
        (the heap, tasks get a message that holds it as void *), array, list, message (a
        service gets it in a message and answers on a reply channel), library (a file of its
        own)
steps   how the operations are called: inline, direct (functions), wrapped, recursive, table
        (of function pointers), callback, expression (statement expressions)
flow    which way leaves out the lift: absent (there is none), early (a return), goto (to a
        label behind it), one (of several: the loop begins too late), counted (absent, in a
        loop over the arguments)
joined  whether the tasks are waited for at the end
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    name: str
    title: str
    state: str = 'local'
    steps: str = 'direct'
    flow: str = 'absent'
    joined: bool = True

    @property
    def skipped(self):
        """the lift stands in the leaky program, but some way leaves it out"""
        return self.flow in ('early', 'goto', 'one')


CONTEXTS = (
    Context('plain', 'all in main', steps='inline'),
    Context('wrapper', 'each operation behind two functions', steps='wrapped'),
    Context('constructor', 'on the heap, made and freed by functions', state='heap'),
    Context('recursion', 'operations at the bottom of a recursion', state='heap', steps='recursive'),
    Context('table', 'operations in a table of functions', state='heap', steps='table'),
    Context('handle', 'a handle that travels as void *', state='handle'),
    Context('array', 'two in an array, the first forgotten', state='array', flow='one'),
    Context('list', 'a list whose head is forgotten', state='list', flow='one', joined=False),
    Context('message', 'handed in a message to a service that replies', state='message'),
    Context('arguments', 'one for each argument', state='heap', flow='counted', joined=False),
    Context('early_return', 'a return before its time', flow='early'),
    Context('goto_fail', 'a jump to the end', state='heap', steps='inline', flow='goto'),
    Context('expression', 'operations in statement expressions', steps='expression'),
    Context('global', 'the state is global', state='global', joined=False),
    Context('callback', 'operations handed to a function', state='heap', steps='callback'),
    Context('two_files', 'the operations in a file of their own', state='library'),
)
