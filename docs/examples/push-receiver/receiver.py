# Takes what paycore pushes: checks the signature, then deals with the event, once.
#
#   WEBHOOK_SECRETS="whsec_new whsec_old" PORT=3000 python3 receiver.py
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRETS = os.environ["WEBHOOK_SECRETS"].split()
TOLERANCE = 300  # seconds
seen = set()  # a table with the id as its key, in earnest


def is_signed(body: bytes, header: str) -> bool:
    items = [item.partition("=")[::2] for item in header.split(",")]
    times = [value for name, value in items if name == "t"]
    if len(times) != 1 or not times[0].isdigit() or abs(time.time() - int(times[0])) > TOLERANCE:
        return False
    message = times[0].encode() + b"." + body
    expected = [hmac.new(secret.encode(), message, hashlib.sha256).hexdigest() for secret in SECRETS]
    return any(hmac.compare_digest(value, right) for name, value in items if name == "v1" for right in expected)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        good = is_signed(body, self.headers.get("Paycore-Signature", ""))
        if good:
            event = json.loads(body)
            if event["id"] not in seen:
                seen.add(event["id"])
                print(event["type"], event["object_id"], flush=True)
        self.send_response(200 if good else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 3000))), Receiver)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
