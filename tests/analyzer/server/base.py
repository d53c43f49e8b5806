"""What tests of the language server share: a project of two files, one of which leaks. See the scripts beside it."""
import json
import os
import sys
import tempfile
import unittest

from client import Client

CHANLEAK, TREE = (os.path.abspath(p) for p in sys.argv[1:3])

LEAKY = '''\
#include <chanrt.h>
#include "room.h"

static void search(void *arg)
{
    chan_t *found = arg;
    int record = 42;

    /* \u00e9\U0001d11e */ chan_send(found, &record);
}

int main(int argc, char **argv)
{
    chan_t *found = chan_make(int, ROOM);

    (void)argv;
    task_spawn(search, found);
    if (argc > 1)
        return 1;
    chan_recv(found, NULL);
    return 0;
}
'''
NO_ROOM, ROOM = '#define ROOM 0\n', '#define ROOM 1\n'
OTHER = '''\
#include <chanrt.h>

void wait_for_ever(void)
{
    chan_t *never = chan_make(int, 0);
    int i;

    chan_recv(never, &i);
}
'''


def line_of(text, part):
    return text[:text.index(part)].count('\n')


def utf16(text):
    return len(text.encode('utf-16-le', 'surrogatepass')) // 2


def codes(diagnostics):
    return [d['code'] for d in diagnostics]


def children_of(pid):
    list = []
    for task in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{task}/children') as f:
            list += map(int, f.read().split())
    return list


class ServerTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = os.path.realpath(self.scratch.name)
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            client.close()
        self.scratch.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), 'w') as f:
            f.write(text)

    def database(self, *names, target=None):
        """Each a program of its own, unless they are of one target."""
        self.write('compile_commands.json', json.dumps([
            {'directory': self.folder, 'file': name, 'output': f'CMakeFiles/{target or name}.dir/{name}.o',
             'arguments': ['cc', '-std=gnu11', f'-I{TREE}/runtime', '-c', name]} for name in names]))

    def project(self, room=NO_ROOM):
        self.write('search.c', LEAKY)
        self.write('room.h', room)
        self.write('other.c', OTHER)
        self.database('search.c', 'other.c')

    def start(self, capabilities=None, *options, **more):
        client = Client(CHANLEAK, self.folder, *options)
        self.clients.append(client)
        client.capabilities = client.initialize(capabilities, **more)['capabilities']
        return client
