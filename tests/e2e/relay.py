"""A relay between mentiond and a fake, which does to each reply what the test says; and places where a program meets
names, links and disks of its own (Linux namespaces)."""
import pathlib
import re
import socket
import struct
import subprocess
import sys
import threading

from harness import BUILD
from listener import Listener


def message(stream):
    """One HTTP message with its body by Content-Length, or None at the end."""
    head = b''
    while not head.endswith(b'\r\n\r\n'):
        line = stream.readline()
        if not line:
            return None
        head += line
    length = re.search(rb'(?i)\r\ncontent-length: *(\d+)', head)
    return head + stream.read(int(length.group(1)) if length else 0)


def reset(client):
    """RST instead of FIN when it is closed."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


class Relay(Listener):
    """Passes requests on to `port` and replies back. `act` is asked before each reply of the fake goes on:
    act(number, reply) with the reply's number from 1; None passes it on, a function is called with the client's socket
    in its place, and then the connection is closed. `meet` is asked before each request goes on, meet(request's number
    on its connection); if true, the connection is closed unanswered. `sent` is told of each request that has gone on,
    sent(request). All may be replaced at any time."""

    def __init__(self, port, act=None, meet=None, sent=None, listener=None):
        self.target, self.act, self.meet, self.sent = port, act, meet, sent
        self.replies, self.lock = 0, threading.Lock()
        self.open = set()
        super().__init__(listener)

    def close(self):
        """No more connections, and none that is open goes on."""
        super().close()
        for client in list(self.open):
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has gone by itself

    def serve(self, client):
        self.open.add(client)
        try:
            with client, client.makefile('rb') as asked, socket.create_connection(('127.0.0.1', self.target)) as fake, \
                    fake.makefile('rb') as answered:
                self.pass_on(client, asked, fake, answered)
        except OSError:
            pass  # one side has gone, and so does the other
        finally:
            self.open.discard(client)

    def pass_on(self, client, asked, fake, answered):
        number = 0
        while request := message(asked):
            number += 1
            if self.meet and self.meet(number):
                return
            fake.sendall(request)
            if self.sent:
                self.sent(request)
            reply = message(answered)
            if reply is None:
                return
            with self.lock:
                self.replies += 1
                instead = self.act(self.replies, reply) if self.act else None
            if instead:
                instead(client)
                return
            client.sendall(reply)


class Place:
    """A namespace that `script`, given $1…, prepares as root of its own; `enter` is the command that runs a program there.
    `inside` is the place in which it lies, if it lies in another."""

    def __init__(self, script, *arguments, inside=None, kinds=('-U', '-r', '-m')):
        within = inside.enter if inside else []
        self.holder = subprocess.Popen([*within, 'unshare', *kinds, 'sh', '-ec', script + '\necho ready; exec sleep infinity',
                                        'sh', *map(str, arguments)], stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != 'ready\n':
            raise AssertionError(f'no namespace could be made: {script}')
        namespaces = ['-U', '-m'] + (['-n'] if '-n' in kinds else [])
        self.enter = ['nsenter', '--preserve-credentials', *namespaces, '-t', str(self.holder.pid)]

    def run(self, *command):
        subprocess.run([*self.enter, *map(str, command)], check=True)

    def listener(self, address):
        """A socket that listens on this address of the place's network, for a relay outside."""
        make = ('import socket, sys; made = socket.create_server((sys.argv[2], 0)); '
                'socket.send_fds(socket.socket(fileno=int(sys.argv[1])), [b"!"], [made.fileno()])')
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                subprocess.run([*self.enter, sys.executable, '-c', make, str(theirs.fileno()), address], check=True,
                               pass_fds=[theirs.fileno()])
            return socket.socket(fileno=socket.recv_fds(ours, 1, 1)[1][0])

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


class Names:
    """The names that programs in a place find: a file in /etc/hosts' stead, and nobody else to ask."""

    def __init__(self, folder):
        self.hosts, self.switch = pathlib.Path(folder, 'hosts'), pathlib.Path(folder, 'nsswitch.conf')
        self.switch.write_text('hosts: files\n')
        self.know({})
        self.mounts = f'mount --bind "{self.hosts}" /etc/hosts; mount --bind "{self.switch}" /etc/nsswitch.conf'

    def know(self, addresses):
        """From now on {name: address} alone."""
        self.hosts.write_text(''.join(f'{address} {name}\n' for name, address in addresses.items()))


def preload(fault, **settings):
    """The environment in which a program suffers a fault of tests/faults."""
    library = BUILD / 'tests' / 'faults' / 'preload' / f'{fault}.so'
    assert library.exists(), f'{library} is not built: script/build --preset release faults'
    return {'LD_PRELOAD': str(library), **{key: str(value) for key, value in settings.items()}}


def hurried(times=20):
    """Deadlines are constants of up to minutes: in this environment they pass so many times as fast."""
    return preload('hurried_clock', HURRY=times)
