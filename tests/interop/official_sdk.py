"""The official Python SDK, unchanged, against the emulator: five operations in a row, and what it makes of refusals.

usage: official_sdk.py ENDPOINT AK SK TOKEN PROJECT_ID GRAPH_ID NO_SUCH_GRAPH_ID

Once with its own signatures, and once with a token patched in, which it does not support by itself: its keys are wrong
then. Both in either version of the API.
"""

import sys
import time

import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkges import v1, v2

ENDPOINT, AK, SK, TOKEN, PROJECT, GRAPH, NO_GRAPH = sys.argv[1:]


class Caller:
    """Makes calls by the names of the SDK without its ending 2, in one version of the API."""

    def __init__(self, version, ak=AK, sk=SK, token=None):
        self.version, self.token = version, token
        self.module, client = (v1, v1.GesClient) if version == 1 else (v2, v2.GesClient)
        self.suffix = "" if version == 1 else "2"
        credentials = BasicCredentials(ak, sk, PROJECT)
        self.client = client.new_builder().with_credentials(credentials).with_endpoint(ENDPOINT).build()

    def call(self, operation, **arguments):
        name = "".join(word.capitalize() for word in operation.split("_")) + self.suffix + "Request"
        if self.version == 1 and operation in ("start_graph", "restart_graph", "stop_graph", "upgrade_graph"):
            arguments.setdefault("action_id", operation.removesuffix("_graph"))
        request = getattr(self.module, name)(**arguments)
        invoker = getattr(self.client, operation + self.suffix + "_invoker")(request)
        if self.token is not None:
            invoker.add_header("X-Auth-Token", self.token)
        return invoker.invoke()

    def done(self, operation, **arguments):
        """Calls, and polls the job until it has ended well; answers how often it had not."""
        job = self.call(operation, graph_id=GRAPH, **arguments).job_id
        assert job, f"{operation} names its job"
        for polls in range(50):
            status = self.call("show_job", graph_id=GRAPH, job_id=job).status
            if status == "success":
                return polls
            assert status in ("pending", "running"), status
            time.sleep(0.01)
        raise AssertionError(f"the job of {operation} never ended")

    def graph(self):
        graph = self.call("show_graph", graph_id=GRAPH).graph
        # The models of version 1 leave the answer as it is.
        get = graph.get if isinstance(graph, dict) else lambda name: getattr(graph, snake(name))
        return get("status"), get("dataStoreVersion")


def snake(name):
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)


def life(caller):
    start_req, upgrade_req = caller.module.StartGraphReq, caller.module.UpgradeGraphReq
    status, version = caller.graph()
    assert status == "200", status
    assert caller.done("create_backup") > 0, "nobody saw the job before its end"
    backup = caller.call("list_graph_backups", graph_id=GRAPH, limit=1000).backup_list[-1]
    assert (backup.status, backup.data_store_version) == ("success", version), backup
    caller.done("upgrade_graph", body=upgrade_req(upgrade_version="8.8.8"))
    assert caller.graph() == ("200", "8.8.8"), caller.graph()
    caller.done("restart_graph")
    caller.done("stop_graph")
    assert caller.graph()[0] == "900", caller.graph()
    caller.done("start_graph", body=start_req(graph_backup_id=backup.id))
    assert caller.graph() == ("200", version), "the backup brings back its version"
    caller.call("delete_backup", graph_id=GRAPH, backup_id=backup.id)
    assert caller.call("list_jobs", limit=1000).job_count >= 5


def refused(status, code, caller, operation, **arguments):
    try:
        caller.call(operation, **{"graph_id": GRAPH} | arguments)
    except ClientRequestException as error:
        # Of the service's own errors in version 1 the SDK knows no code: it takes the status, and all of the body.
        readable = caller.version == 2 or code.startswith("API")
        assert error.status_code == status, (operation, status, error.status_code, error.error_msg)
        assert error.error_code == (code if readable else str(status)), (operation, code, error.error_code)
        assert readable or code in error.error_msg, (operation, code, error.error_msg)
    else:
        raise AssertionError(f"{operation}: expected status {status}, and the call succeeded")


def refusals(version, token):
    good = Caller(version, token=token)
    nothing = good.module.UpgradeGraphReq()
    for operation in ("start_graph", "restart_graph", "stop_graph"):
        refused(404, "GES.7000", good, operation, graph_id=NO_GRAPH)
    refused(404, "GES.0047", good, "create_backup", graph_id=NO_GRAPH)
    some = good.module.UpgradeGraphReq(upgrade_version="9.9.9")
    refused(400, "GES.8011", good, "upgrade_graph", graph_id=NO_GRAPH, body=some)
    refused(401, "APIGW.0301", Caller(version, token="wrong"), "stop_graph")
    refused(401, "APIGW.0301", Caller(version, sk="wrong"), "stop_graph")
    refused(401, "APIGW.0301", Caller(version, ak="wrong"), "stop_graph")
    refused(400, "GES.7049", good, "upgrade_graph", body=nothing)
    refused(400, "GES.7049", good, "upgrade_graph")
    if version == 1:
        refused(400, "GES.7048", good, "stop_graph", action_id="explode")


def bodies():
    """Where no body is needed, it may be absent, empty or an empty object."""
    graph = {1: f"{ENDPOINT}/v1.0/{PROJECT}/graphs/{GRAPH}", 2: f"{ENDPOINT}/v2/{PROJECT}/graphs/{GRAPH}"}
    for version, body in [(version, body) for version in (1, 2) for body in (None, b"", b"{}", b"{ }\r\n")]:
        for action in ("backups", "restart", "stop", "start"):
            path = action if version == 2 or action == "backups" else f"action?action_id={action}"
            headers = {"X-Auth-Token": TOKEN} | ({"Content-Type": "application/json"} if body is not None else {})
            answer = requests.post(f"{graph[version]}/{path}", data=body, headers=headers, timeout=5)
            assert answer.status_code == 200, (version, action, body, answer.text)
            job = answer.json()["jobId" if version == 1 else "job_id"]
            for _ in range(50):
                shown = requests.get(f"{graph[version]}/jobs/{job}/status", headers=headers, timeout=5).json()
                if shown["status"] == "success":
                    break
            assert shown["status"] == "success", shown


for version in (1, 2):
    for token in (None, TOKEN):
        keys = {} if token is None else {"ak": "unknown", "sk": "unknown", "token": token}
        life(Caller(version, **keys))
        refusals(version, token)
bodies()
print("the official SDK is served")
