"""The doorbell socket as a page opens it."""

import json

from websockets.sync.client import connect


def open_socket(stack, browser=None, origin=None):
    headers = {"Cookie": f"sessionid={browser.session_key}"} if browser else {}
    address = stack.url.replace("http", "ws") + "/ws/doorbell/"
    return connect(address, origin=origin or stack.url, additional_headers=headers, open_timeout=10)


def rings(socket, count, seconds=30):
    return [json.loads(socket.recv(timeout=seconds)) for _ in range(count)]
