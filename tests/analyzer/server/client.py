"""A client of the language server that does as it is told."""
import json
import os
import queue
import subprocess
import threading
import time
import urllib.parse

PATIENCE = 60           # seconds; a busy machine takes its time

FULL = {                # capabilities of a client that can do all
    'general': {'positionEncodings': ['utf-16']},
    'textDocument': {
        'publishDiagnostics': {'relatedInformation': True, 'versionSupport': True, 'codeDescriptionSupport': True},
        'hover': {'contentFormat': ['markdown', 'plaintext']},
    },
    'window': {'workDoneProgress': True},
    'workspace': {'didChangeWatchedFiles': {'dynamicRegistration': True}, 'codeLens': {'refreshSupport': True}},
}


def uri_of(path):
    return 'file://' + urllib.parse.quote(path)


class Client:
    def __init__(self, chanleak, folder, *options):
        self.folder = folder
        self.errors = open(os.path.join(folder, 'stderr.txt'), 'w+')
        self.process = subprocess.Popen([chanleak, 'server', *options], cwd='/', stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors)
        self.messages = queue.Queue()
        self.seen = []
        self.id = 0
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        out = self.process.stdout
        while True:
            length = None
            while line := out.readline().strip():
                if line.lower().startswith(b'content-length:'):
                    length = int(line.split(b':')[1])
            if length is None:
                self.messages.put(None)
                return
            self.messages.put(json.loads(out.read(length)))

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps({'jsonrpc': '2.0', **message}).encode()
        self.raw(b'Content-Length: %d\r\n\r\n' % len(body) + body)

    def notify(self, method, params=None):
        self.send({'method': method, 'params': params if params is not None else {}})

    def next(self, timeout=PATIENCE):
        message = self.messages.get(timeout=timeout)
        if message is None:
            raise EOFError('the server has ended')
        self.seen.append(message)
        if 'method' in message and 'id' in message:
            self.send({'id': message['id'], 'result': None})
        return message

    def wait(self, wanted, timeout=PATIENCE):
        """The next message that is wanted."""
        end = time.monotonic() + timeout
        while True:
            message = self.next(max(0.01, end - time.monotonic()))
            if wanted(message):
                return message

    def ask(self, method, params=None):
        self.id += 1
        self.send({'id': self.id, 'method': method, 'params': params if params is not None else {}})
        return self.id

    def answer(self, id):
        return self.wait(lambda m: m.get('id') == id and 'method' not in m)

    def request(self, method, params=None):
        return self.answer(self.ask(method, params))

    def initialize(self, capabilities=None, **more):
        answer = self.request('initialize', {
            'processId': os.getpid(), 'rootUri': uri_of(self.folder),
            'capabilities': FULL if capabilities is None else capabilities, **more})
        self.notify('initialized')
        return answer['result']

    def path(self, name):
        return os.path.join(self.folder, name)

    def open(self, name, text, version=1):
        self.notify('textDocument/didOpen', {'textDocument': {
            'uri': uri_of(self.path(name)), 'languageId': 'c', 'version': version, 'text': text}})

    def change(self, name, changes, version):
        self.notify('textDocument/didChange', {
            'textDocument': {'uri': uri_of(self.path(name)), 'version': version}, 'contentChanges': changes})

    def diagnostics(self, name, version=None, timeout=PATIENCE):
        """Those that are published next for the file, and that version of it."""
        uri = uri_of(self.path(name))
        return self.wait(lambda m: m.get('method') == 'textDocument/publishDiagnostics' and m['params']['uri'] == uri
                         and (version is None or m['params'].get('version') == version), timeout)['params']['diagnostics']

    def told(self, name):
        """Those that were published last for the file, of what was read."""
        uri, found = uri_of(self.path(name)), None
        for message in self.seen:
            if message.get('method') == 'textDocument/publishDiagnostics' and message['params']['uri'] == uri:
                found = message['params']['diagnostics']
        return found

    def end(self):
        self.request('shutdown')
        self.notify('exit')
        return self.process.wait(PATIENCE)

    def close(self):
        if self.errors.closed:
            return
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.close()
        self.errors.close()
