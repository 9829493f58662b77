"""The documented exchanges of an API as a load test for Locust (https://locust.io).

`export --format locust` wrote the values in the middle; everything else is the same for every API.

    locust -f FILE --headless --users 20 --run-time 1m --host http://127.0.0.1:8080

On many machines: one `locust -f FILE --master --expect-workers N ...`, and N times `locust -f FILE --worker`.

Environment of every process:

    SPECWRIGHT_TOKEN              token that the requests carry
    SPECWRIGHT_CREDENTIAL_NAME    value for the security scheme NAME (upper case, `_` for what is no letter or digit)
    SPECWRIGHT_PROVIDER_STATES    address that sets up states by Pact's protocol (https://docs.pact.io/provider)
    SPECWRIGHT_VALUES             JSON object of values that replace documented ones, such as {"project_id": "p-1"}
    SPECWRIGHT_ALLOW_DISRUPTIVE   1 permits a host other than this machine: the exchanges change what they call

A reply must have the documented status and, where the document marks them, the documented error code and an
identifier. `conform` judges whole replies. Exit status: 0 all replies are right, 1 some are wrong, 2 the host is refused,
4 nothing was sent.
"""

import base64
import ipaddress
import json
import logging
import os
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from locust import constant, events, tag
from locust.contrib.fasthttp import FastHttpUser
from locust.exception import StopUser
from locust.runners import WorkerRunner

# How often an exchange is sent: a documented success ten times as often as a documented refusal.
SUCCESS = 10
REFUSAL = 1


@dataclass
class Credential:
    """One security scheme: where its value goes."""

    scheme: str
    place: str
    name: str
    prefix: str = ""
    named_only: bool = False  # SPECWRIGHT_TOKEN is no value for it.


@dataclass
class Exchange:
    """A documented request, the state it is made in, and what the document says of the reply."""

    id: str
    operation: str
    method: str
    path: str  # With variables in braces.
    status: int
    weight: int
    source: str = ""
    given: str = ""
    parameters: list = field(default_factory=list)  # (place, name, documented value)
    constants: set = field(default_factory=set)  # Names of parameters that nothing replaces.
    encoded: set = field(default_factory=set)  # Names of parameters that are percent-encoded already.
    aliases: dict = field(default_factory=dict)  # Name of a value -> name that the request has for it.
    needs: set = field(default_factory=set)  # Names of which the documented value does not serve.
    credentials: list = field(default_factory=list)  # Alternatives; each is what is sent together, [] is nothing.
    media_type: str = ""
    fixed: set = field(default_factory=set)  # Names of members of the body that nothing replaces.
    body: Any = None  # A text is sent as it is; anything else as JSON.
    json_text: bool = False  # The body is JSON also where it is a text.
    accept: str = ""
    whole_class: bool = False  # Every status of the class will do.
    other_statuses: set = field(default_factory=set)  # These will do as well.
    equal: list = field(default_factory=list)  # (names that lead to a member of the reply, its value): an error code.
    identifiers: list = field(default_factory=list)  # Names that lead to a member of the reply, a text that is not empty.


# EXCHANGES

TOKEN = os.environ.get("SPECWRIGHT_TOKEN", "")
PROVIDER_STATES = os.environ.get("SPECWRIGHT_PROVIDER_STATES", "")
HAS_CREDENTIALS = bool(TOKEN) or any(name.startswith("SPECWRIGHT_CREDENTIAL_") for name in os.environ)
VALUES = json.loads(os.environ.get("SPECWRIGHT_VALUES") or "{}")
if not isinstance(VALUES, dict):
    raise SystemExit("error: SPECWRIGHT_VALUES must be a JSON object")


class Wrong(Exception):
    """Why an exchange cannot be sent, or its reply is wrong."""


def is_loopback(url):
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refused(host):
    """The address that may not be called, if there is one."""
    if os.environ.get("SPECWRIGHT_ALLOW_DISRUPTIVE") == "1":
        return None
    return next((url for url in (host, PROVIDER_STATES) if url and not is_loopback(url)), None)


def value_for(exchange, values, name):
    """What replaces the documented value called `name`, or None. The first object of `values` that has it wins."""
    names = (name, *(alias for alias, known in exchange.aliases.items() if known == name))
    found = (some[known] for some in values for known in names if isinstance(some.get(known), (str, int, float)))
    value = next(found, None)
    return value if value is None or isinstance(value, str) else json.dumps(value)


def secret_of(credential, token):
    variable = "SPECWRIGHT_CREDENTIAL_" + re.sub(r"[^A-Za-z0-9]", "_", credential.scheme).upper()
    secret = os.environ.get(variable) if credential.scheme else None
    is_basic = credential.prefix.lower() == "basic "
    if not secret and token and not credential.named_only and not (is_basic and not names_a_user(TOKEN)):
        secret = token.pop()
    if secret and is_basic and ":" in secret:
        secret = base64.b64encode(secret.encode()).decode()
    return credential.prefix + secret if secret else None


def names_a_user(token):
    """Whether the token is a name and a password, as HTTP basic wants it."""
    try:
        return ":" in token or b":" in base64.b64decode(token, validate=True)
    except ValueError:
        return False


def proofs(exchange):
    """The first alternative of which every value is there: (place, name, value) of each. The token serves one scheme."""
    for alternative in exchange.credentials:
        token = [TOKEN] if TOKEN else []
        found = [(credential.place, credential.name, secret_of(credential, token)) for credential in alternative]
        if all(value for _, _, value in found):
            return found
    # Without any credential the run is about a host that asks for none.
    if exchange.credentials and HAS_CREDENTIALS:
        wanted = ", or ".join(" and ".join(one.scheme for one in alternative) for alternative in exchange.credentials)
        raise Wrong(f"no credential for {wanted}")
    return []


def retyped(name, documented, text):
    """A documented number or boolean stays one."""
    if isinstance(documented, (bool, int, float)):
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        if isinstance(value, bool) != isinstance(documented, bool) or not isinstance(value, (int, float)):
            raise Wrong(f"{name} must be {'a boolean' if isinstance(documented, bool) else 'a number'}")
        return value
    return text


def request_of(exchange, values):
    """Target, headers and body of the request."""
    for name in sorted(exchange.needs):
        if value_for(exchange, values, name) is None:
            raise Wrong(f"no value for {name}: set it in SPECWRIGHT_VALUES")
    credentials = proofs(exchange)
    proved = {(place, name.lower()) for place, name, _ in credentials}
    path, query, headers, cookies = {}, [], {}, []
    for place, name, documented in exchange.parameters:
        value = None if name in exchange.constants else value_for(exchange, values, name)
        value = documented if value is None else value
        if (place, name.lower()) in proved:
            continue
        if place == "path":
            path[name] = quote(value, safe="%!$'()*,:;=@" if name in exchange.encoded else "")
        elif place == "query":
            query.append((name, quote(value, safe="%!$'()*,/:;=?@" if name in exchange.encoded else "")))
        elif place == "header" and name.lower() == "cookie":
            cookies.append(value)
        elif place == "header":
            headers[name] = value
        else:
            cookies.append(f"{name}={value if name in exchange.encoded else quote(value, safe='')}")
    for place, name, value in credentials:
        if place == "query":
            query.append((name, quote(value, safe="")))
        elif place == "header":
            headers[name] = value
        else:
            cookies.append(f"{name}={value}")
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    names = {name.lower() for name in headers}
    if exchange.media_type and "content-type" not in names:
        headers["Content-Type"] = exchange.media_type
    if exchange.accept and "accept" not in names:
        headers["Accept"] = exchange.accept
    if any(not (" " <= character or character == "\t") for value in headers.values() for character in value):
        raise Wrong("a header has a control character")

    def variable(match):
        name = match.group(1)
        value = path.get(name)
        if value is None and (known := value_for(exchange, values, name)) is not None:
            value = quote(known, safe="")
        if value in (None, "", ".", ".."):
            raise Wrong(f"no value for the path variable {name}")
        return value

    target = re.sub(r"\{([^}]*)\}", variable, exchange.path)
    if query:
        target += "?" + "&".join(f"{quote(name, safe='')}={value}" for name, value in query)
    return target, headers, body_of(exchange, values)


def body_of(exchange, values):
    body = exchange.body
    if not exchange.media_type:
        return None
    if isinstance(body, str) and not exchange.json_text:
        return body.encode()
    if isinstance(body, dict):
        body = dict(body)
        for name in body.keys() - exchange.fixed:
            value = value_for(exchange, values, name)
            if value is not None:
                body[name] = retyped(name, body[name], value)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def judge(exchange, status, content):
    """Raises what is wrong with a reply."""
    if status != exchange.status and not (exchange.whole_class and status // 100 == exchange.status // 100):
        if status in exchange.other_statuses:
            return
        raise Wrong(f"expected status {exchange.status}, found {status or 'no reply'}")
    if not exchange.equal and not exchange.identifiers:
        return
    try:
        body = json.loads(content)
    except ValueError:
        raise Wrong("expected JSON") from None
    for names, expected in exchange.equal:
        found = member(body, names)
        if found != expected or isinstance(found, bool) != isinstance(expected, bool):
            raise Wrong(f"expected {names[-1]} {expected!r}, found {found!r:.60}")
    for names in exchange.identifiers:
        found = member(body, names)
        if not isinstance(found, str) or not found:
            raise Wrong(f"expected an identifier at {names[-1]}, found {found!r:.60}")


def member(body, names):
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def lacking(exchange):
    """Why this run can never send the exchange, or None."""
    if exchange.given and not PROVIDER_STATES:
        return f"needs the state {exchange.given!r}: set SPECWRIGHT_PROVIDER_STATES"
    if not exchange.given:
        try:
            request_of(exchange, [VALUES])
        except Wrong as wrong:
            return str(wrong)
    return None


def task_of(exchange):
    @tag(exchange.operation)
    def send(user):
        user.send(exchange)

    return send


class DocumentedUser(FastHttpUser):
    """Sends documented exchanges, one after the other."""

    insecure = False  # Certificates are verified; FastHttpUser does not do that by itself.
    wait_time = constant(0)
    tasks = {task_of(exchange): exchange.weight for exchange in EXCHANGES if not lacking(exchange)}

    def send(self, exchange):
        if refused(self.host):
            raise StopUser
        self.client.cookiejar.clear()
        try:
            values = self.state(exchange.given) if exchange.given else {}
            target, headers, body = request_of(exchange, [values, VALUES])
        except Wrong as wrong:
            self.environment.events.request.fire(
                request_type=exchange.method,
                name=exchange.id,
                response_time=0,
                response_length=0,
                exception=wrong,
                context={},
            )
            return
        with self.client.request(
            exchange.method,
            self.host.rstrip("/") + target,
            name=exchange.id,
            headers=headers,
            data=body,
            allow_redirects=False,
            catch_response=True,
        ) as reply:
            try:
                judge(exchange, reply.status_code, reply.content)
            except Wrong as wrong:
                reply.failure(str(wrong))
            else:
                reply.success()

    def state(self, state):
        """Sets up a state; returns the values that name it. Locust counts this as a request of its own."""
        with self.client.post(
            PROVIDER_STATES,
            name=f"state: {state}",
            json={"state": state, "action": "setup", "params": {}},
            catch_response=True,
        ) as reply:
            try:
                values = json.loads(reply.content or "{}") if reply.status_code in range(200, 300) else None
            except ValueError:
                values = None
            if not isinstance(values, dict):
                reply.failure(f"the state could not be set up: status {reply.status_code}")
                raise Wrong(f"the state {state!r} could not be set up")
            return values


@events.test_start.add_listener
def check_start(environment, **_):
    host = refused(environment.host or DocumentedUser.host)
    if host:
        logging.error("%s is not this machine, and the exchanges change what they call", urlsplit(host).hostname)
        logging.error("hint: SPECWRIGHT_ALLOW_DISRUPTIVE=1 permits it")
        environment.process_exit_code = 2
        environment.runner.quit()
    elif not DocumentedUser.tasks:
        environment.runner.quit()


@events.quitting.add_listener
def say_what_was_not_sent(environment, **_):
    """Nothing is left out in silence, and a run that sent nothing is no success."""
    if isinstance(environment.runner, WorkerRunner):
        return
    sent = {name for name, _ in environment.stats.entries}
    for exchange in EXCHANGES:
        if exchange.id not in sent:
            logging.warning("not sent: %s (%s)", exchange.id, lacking(exchange) or "its turn did not come")
    for name, reason in LEFT_OUT:
        logging.warning("not sent: %s (%s)", name, reason)
    if environment.process_exit_code is None and not any(exchange.id in sent for exchange in EXCHANGES):
        logging.error("no exchange was sent")
        environment.process_exit_code = 4
