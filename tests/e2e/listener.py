"""A server on loopback, a thread a connection."""
import socket
import threading


class Listener:
    """Gives each connection to serve(client), which a subclass has, and counts them; close() takes no more."""

    scheme = 'http'

    def __init__(self, listener=None):
        self.listener = listener or socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.url = f'{self.scheme}://127.0.0.1:{self.port}'
        self.accepted = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        if self.listener.fileno() < 0:
            return
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()
