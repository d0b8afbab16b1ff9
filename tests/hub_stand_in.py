"""A stand-in for the hub: its file interface, as far as pushing and pulling goes, on this machine.

Repositories live in memory. Safetensors files go through LFS, as on the hub; the rest goes into the
commit itself.
"""

import base64
import hashlib
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "hf_good"


class Hub(ThreadingHTTPServer):
    """`repositories[name]` is a list of commits, each a dict of files; `asked` what was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories, self.private, self.blobs, self.asked = {}, set(), {}, []
        self.cut = []  # for the next downloads, after how many bytes the line goes dead

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def revision(self, name, revision):
        """The number of a commit, by its hash or by `main`."""
        commits = self.repositories[name]
        if revision == "main":
            return len(commits) - 1
        hashes = [commit_hash(name, number) for number in range(len(commits))]
        return hashes.index(revision) if revision in hashes else None


def commit_hash(name, number):
    return hashlib.sha1(f"{name} {number}".encode()).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": len(body)} | headers).items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def allowed(self, needed):
        """Whether the token is good; an absent one is where none is needed."""
        token = self.headers.get("Authorization")
        if token == f"Bearer {TOKEN}" or (token is None and not needed):
            return True
        told = "Invalid credentials in Authorization header"
        self.body()
        self.answer(401, {"error": told}, X_Error_Message=told)
        return False

    def missing(self, code):
        self.answer(404, {"error": code}, X_Error_Code=code)

    def do_POST(self):
        if not self.allowed(needed=True):
            return
        body = self.body()
        self.server.asked.append(("POST", self.path))
        if self.path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            url = f"{self.server.url}/{name}"
            if name in self.server.repositories:
                return self.answer(409, {"url": url})
            self.server.repositories[name] = []
            if asked.get("private") or asked.get("visibility") == "private":
                self.server.private.add(name)
            return self.answer(200, {"url": url, "id": name})
        if self.path == "/api/validate-yaml":
            assert json.loads(body)["content"].startswith("---\n")
            return self.answer(200, {"errors": [], "warnings": []})
        if found := re.fullmatch(r"/api/models/(.+)/preupload/main", self.path):
            files = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                    "shouldIgnore": False,
                }
                for file in json.loads(body)["files"]
            ]
            return self.answer(200, {"files": files})
        if self.path.endswith(".git/info/lfs/objects/batch"):
            objects = [
                {**one, "actions": {"upload": {"href": f"{self.server.url}/lfs/{one['oid']}"}}}
                for one in json.loads(body)["objects"]
            ]
            return self.answer(200, {"transfer": "basic", "objects": objects})
        if found := re.fullmatch(r"/api/models/(.+)/commit/main", self.path):
            return self.commit(found[1], [json.loads(line) for line in body.splitlines()])
        return self.missing("NotFound")

    def commit(self, name, lines):
        commits = self.server.repositories[name]
        files = dict(commits[-1]) if commits else {}
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.server.blobs[value["oid"]]
        commits.append(files)
        made = commit_hash(name, len(commits) - 1)
        url = f"{self.server.url}/{name}/commit/{made}"
        self.answer(200, {"success": True, "commitOid": made, "commitUrl": url})

    def do_PUT(self):
        body = self.body()
        oid = self.path.removeprefix("/lfs/")
        assert hashlib.sha256(body).hexdigest() == oid
        self.server.blobs[oid] = body
        self.answer(200)

    def do_HEAD(self):
        self.file()

    def do_GET(self):
        self.file()

    def file(self):
        self.server.asked.append((self.command, self.path))
        found = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", self.path)
        if not self.allowed(needed=found is not None and found[1] in self.server.private):
            return None
        if found is None or found[1] not in self.server.repositories:
            return self.missing("RepoNotFound")
        name, revision, file = found.groups()
        number = self.server.revision(name, revision)
        if number is None:
            return self.missing("RevisionNotFound")
        made = commit_hash(name, number)
        content = self.server.repositories[name][number].get(file)
        if content is None:
            return self.answer(404, {}, X_Error_Code="EntryNotFound", X_Repo_Commit=made)
        return self.send(content, made)

    def send(self, content, made):
        first = 0
        if wanted := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")):
            first = int(wanted[1])
        rest = content[first:]
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(rest)))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", made)
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.server.cut:
            self.wfile.write(rest[: self.server.cut.pop(0)])
            self.close_connection = True
        else:
            self.wfile.write(rest)


@contextmanager
def running():
    """A hub that answers until the end of the block."""
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
