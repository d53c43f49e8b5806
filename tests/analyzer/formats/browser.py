"""A headless Chromium, spoken to over a pipe in its DevTools protocol."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

KEYS = {'Tab': 9, 'Enter': 13, 'End': 35, 'Home': 36, 'ArrowUp': 38, 'ArrowDown': 40}


class Browser:
    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix='chanleak-chromium-')
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()
        # The protocol is spoken on descriptors 3 and 4; they must not be closed by the way.
        command = f'exec 3<&{to_read} 4>&{to_write}; exec "$@"'
        self.process = subprocess.Popen(
            ['bash', '-c', command, '-', program, '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
             '--no-first-run', '--disable-background-networking', '--disable-extensions', '--hide-scrollbars',
             '--remote-debugging-pipe', f'--user-data-dir={self.profile}', 'about:blank'],
            pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.number, self.rest, self.events, self.session = 0, b'', [], None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        self.call('Page.enable')
        self.call('Runtime.enable')
        self.call('Network.enable')

    def close(self):
        self.session = None
        try:
            self.call('Browser.close')
            self.process.wait(30)
        except (OSError, EOFError, TimeoutError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.to)
        os.close(self.back)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, seconds=120):
        end = time.monotonic() + seconds
        while b'\0' not in self.rest:
            if not select.select([self.back], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError('chromium does not answer')
            data = os.read(self.back, 1 << 20)
            if not data:
                raise EOFError('chromium is gone')
            self.rest += data
        message, self.rest = self.rest.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self.to, data):]
        while True:
            answer = self.receive()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise AssertionError(f'{method}: {answer["error"]}')
                return answer['result']
            self.events.append(answer)

    def open(self, path, fragment=''):
        self.events = []
        self.call('Page.navigate', url='about:blank')
        self.call('Page.navigate', url=f'file://{path}{fragment}')
        while self.run('document.readyState') != 'complete' or self.run('location.href') == 'about:blank':
            time.sleep(0.02)

    def run(self, script):
        """The value of an expression."""
        result = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise AssertionError(result['exceptionDetails'])
        return result['result'].get('value')

    def window(self, width, height, dark=False):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call('Emulation.setEmulatedMedia', media='',
                  features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])

    def press(self, key):
        parameters = {'key': key, 'code': key, 'windowsVirtualKeyCode': KEYS[key]}
        if key == 'Enter':
            parameters['text'] = '\r'
        self.call('Input.dispatchKeyEvent', type='keyDown', **parameters)
        self.call('Input.dispatchKeyEvent', type='keyUp', **parameters)

    def picture(self, path, full=False):
        data = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=full)['data']
        with open(path, 'wb') as f:
            f.write(base64.b64decode(data))

    def paper(self, path):
        """As PDF. Returns its size."""
        data = base64.b64decode(self.call('Page.printToPDF', printBackground=True)['data'])
        with open(path, 'wb') as f:
            f.write(data)
        return len(data)
