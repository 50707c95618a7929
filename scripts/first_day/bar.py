"""Requests to the API of a bar: as admin, as guest, and over a socket."""

import base64
import json
import os
import secrets
import socket
import ssl
import struct
import time
import urllib.error
import urllib.parse
import urllib.request

# The questions are about the redirects themselves, so none is followed.
class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


class Reply:
    def __init__(self, status, headers, body, seconds):
        self.status, self.headers, self.body, self.seconds = status, headers, body, seconds

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def code(self):
        found = self.json()
        return found.get("code", "") if isinstance(found, dict) else ""


def request(method, url, token="", body=None, headers=None):
    """Sends one request, and returns the answer whatever its status is."""
    sent = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    for name, value in {**({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})}.items():
        sent.add_header(name, value)
    if token:
        sent.add_header("Authorization", f"Bearer {token}")
    started = time.monotonic()
    try:
        answer = _OPENER.open(sent, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        text = answer.read()
    return Reply(answer.status, answer.headers, text, time.monotonic() - started)


def new_guest():
    return f"guest_{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip('=')}"


class Refused(Exception):
    """An answer that ends a step."""


class Bar:
    def __init__(self, url, shop):
        self.url, self.shop = url, shop
        self.user = f"admin-{secrets.token_hex(4)}@first-day.example"
        self.password = f"Aa1{secrets.token_urlsafe(24)}"
        self._sign_in, self._token, self._signed_in = None, "", 0.0

    def sign_in(self, cognito, pool, client):
        """Creates an admin, without a mail of Cognito, and prepares the sign-in with a password."""
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=self.user,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": self.user}, {"Name": "email_verified", "Value": "true"}],
        )
        cognito.admin_set_user_password(UserPoolId=pool, Username=self.user, Password=self.password, Permanent=True)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=self.user, GroupName="admin")
        self._sign_in = lambda: cognito.initiate_auth(
            ClientId=client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.user, "PASSWORD": self.password},
        )["AuthenticationResult"]["AccessToken"]

    def token(self):
        """Returns an access token, which is valid for an hour on AWS."""
        if not self._token or time.monotonic() - self._signed_in > 1800:
            self._token, self._signed_in = self._sign_in(), time.monotonic()
        return self._token

    def call(self, method, path, credential, body=None, **query):
        """Sends a request up to ten times, while the status is 502 or 503. Adds the parameter
        eventId, which the routes of one order do not have."""
        shop = {} if path.startswith("/orders/") else {"eventId": self.shop}
        url = f"{self.url}{path}?{urllib.parse.urlencode({**shop, **query})}".rstrip("?")
        for _ in range(10):
            answer = request(method, url, credential, body)
            if answer.status not in {502, 503}:
                break
            time.sleep(1)
        return answer

    def expect(self, statuses, method, path, credential, body=None, **query):
        answer = self.call(method, path, credential, body, **query)
        if answer.status not in statuses:
            raise Refused(f"{method} {path} answers {answer.status} {answer.code() or answer.body[:200]}")
        return answer.json()

    def open(self):
        self.expect({200}, "PUT", "/store", self.token(), state="open")
        self.expect({200}, "PUT", "/config", self.token(), body={"maxOrdersInQueue": 1000, "drinksPerBarcode": 1000})

    def scan(self, guest):
        code = self.expect({200}, "GET", "/qr-code", self.token())["code"]
        return self.expect({200, 201}, "POST", "/qr-code", guest, token=code)["orderId"]

    def order(self, order_id, guest):
        answer = request("GET", f"{self.url}/orders/{order_id}", guest)
        return answer.json() if answer.status == 200 else {}

    def command(self, order_id, credential, body=None, seconds=30, **query):
        """Sends a command again while the status is 404 or 409, for `seconds` at most."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.call("PUT", f"/orders/{order_id}", credential, body, **query)
            if answer.status in {200, 202}:
                return
            if answer.status not in {404, 409} or time.monotonic() > deadline:
                raise Refused(f"PUT /orders answers {answer.status} {answer.code()}")
            time.sleep(0.5)

    def drink(self):
        menu = self.expect({200}, "GET", "/config", "")["menu"]
        return {"drink": next(drink["drink"] for drink in menu if drink.get("available", True))}

    def waiting_order(self):
        """Requests an order, chooses a drink, and returns the order's id and the guest's secret."""
        guest = new_guest()
        order_id = self.scan(guest)
        self.command(order_id, guest, self.drink())
        return order_id, guest


class Socket:
    """A WebSocket as a page opens it: text frames, no extension."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        secure = parts.scheme == "wss"
        self.raw = socket.create_connection((parts.hostname, parts.port or (443 if secure else 80)), timeout=30)
        if secure:
            self.raw = ssl.create_default_context().wrap_socket(self.raw, server_hostname=parts.hostname)
        key = base64.b64encode(os.urandom(16)).decode()
        target = f"{parts.path}?{parts.query}"
        self.raw.sendall(
            f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.status = int(head.split(b" ", 2)[1])

    def _more(self):
        data = self.raw.recv(65536)
        if not data:
            raise ConnectionError("the socket was closed")
        return data

    def _take(self, count):
        while len(self.buffer) < count:
            self.buffer += self._more()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.raw.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def send(self, text):
        """Sends a text of at most 125 bytes."""
        self._send(1, text.encode())

    def receive(self, seconds):
        """Returns the next text, or None after `seconds`. Raises ConnectionError once closed."""
        deadline = time.monotonic() + seconds
        while (remaining := deadline - time.monotonic()) > 0:
            self.raw.settimeout(remaining)
            try:
                # A timeout is expected only between frames, because a frame arrives in one piece.
                first, second = self._take(2)
                length = second & 0x7F
                if length >= 126:
                    length = struct.unpack(">H" if length == 126 else ">Q", self._take(2 if length == 126 else 8))[0]
                payload = self._take(length)
            except TimeoutError:
                return None
            if first & 0x0F == 1:
                return payload.decode()
            if first & 0x0F == 8:
                raise ConnectionError("the socket was closed")
            if first & 0x0F == 9:
                self._send(10, payload)
        return None

    def close(self):
        self.raw.close()
