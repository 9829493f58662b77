"""A Python client that openapi-generator made of our document, against the emulator: five operations in a row, and a
refusal of each.

usage: generated_client.py ENDPOINT TOKEN PROJECT_ID GRAPH_ID NO_SUCH_GRAPH_ID

The folder with the package `generated_ges` is on PYTHONPATH.
"""

import sys

import generated_ges as ges
from generated_ges.exceptions import ApiException

ENDPOINT, TOKEN, PROJECT, GRAPH, NO_GRAPH = sys.argv[1:]


def apis(token):
    configuration = ges.Configuration(host=ENDPOINT, api_key={"AuthToken": token})
    client = ges.ApiClient(configuration)
    return ges.LifecycleApi(client), ges.BackupsApi(client)


def operations(token):
    """By name, each as a call of a graph. Three of them are one method, as they are one address."""
    lifecycle, backups = apis(token)
    either = ges.StartGraphOrRestartGraphOrUpgradeGraphRequest

    def act(action, body=None):
        act = lifecycle.start_graph_or_restart_graph_or_upgrade_graph
        return lambda graph: act(PROJECT, graph, action, body and either(body)).actual_instance.job_id

    upgrade = ges.UpgradeGraphRequest(upgradeVersion="99.0.0", forceUpgrade=False)
    return {
        "create_backup": lambda graph: backups.create_backup(PROJECT, graph).job_id,
        "upgrade_graph": act("upgrade", upgrade),
        "restart_graph": act("restart"),
        "stop_graph": lambda graph: lifecycle.stop_graph(PROJECT, graph).job_id,
        "start_graph": act("start"),
    }


def refused(status, call, graph, what):
    try:
        job = call(graph)
    except ApiException as error:
        assert error.status == status, (what, status, error.status, error.body)
        # What a refusal without credentials looks like is documented nowhere.
        assert status == 401 or error.data.error_code, (what, error.body, error.data)
    else:
        raise AssertionError(f"{what}: expected status {status}, and got job {job}")


jobs = []
for name, call in operations(TOKEN).items():
    job = call(GRAPH)
    assert job, f"{name} names its job"
    jobs.append(job)
    refused(400 if name == "upgrade_graph" else 404, call, NO_GRAPH, f"{name} of no graph")
for name, call in operations("wrong").items():
    refused(401, call, GRAPH, f"{name} with a wrong token")
assert len(set(jobs)) == 5, jobs
refused(400, operations(TOKEN)["start_graph"], GRAPH, "start of a running graph")
print("five operations of the generated client are served")
