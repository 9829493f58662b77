"""A locustfile, with real Locust: each of its exchanges is sent once, in the order of the file.

usage: locust_once.py LOCUSTFILE HOST

The environment is that of the locustfile.
"""

import importlib.util
import sys

from locust.env import Environment

FILE, HOST = sys.argv[1:]

spec = importlib.util.spec_from_file_location("locustfile", FILE)
module = sys.modules["locustfile"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.DocumentedUser.host = HOST
environment = Environment(user_classes=[module.DocumentedUser], host=HOST)
environment.create_local_runner()
user = module.DocumentedUser(environment)
for exchange in module.EXCHANGES:
    user.send(exchange)
stats = environment.stats
wrong = [f"{error.name}: {error.error}" for error in stats.errors.values()]
sent = {name for name, _ in stats.entries}
wrong += [f"{exchange.id}: not sent" for exchange in module.EXCHANGES if exchange.id not in sent]
if wrong or not module.EXCHANGES:
    sys.exit("\n".join(wrong) or "the file has no exchange")
