"""The official Python SDK, unchanged, against the emulator: five operations in a row, and what it makes of refusals.

usage: official_sdk.py ENDPOINT AK SK PROJECT_ID GRAPH_ID NO_SUCH_GRAPH_ID
"""

import sys
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkges import v1, v2

ENDPOINT, AK, SK, PROJECT, GRAPH, NO_GRAPH = sys.argv[1:]


def client(version, ak=AK, sk=SK):
    module, builder = (v1, v1.GesClient) if version == 1 else (v2, v2.GesClient)
    credentials = BasicCredentials(ak, sk, PROJECT)
    return builder.new_builder().with_credentials(credentials).with_endpoint(ENDPOINT).build()


def wait(ges, version, job):
    assert job, "an accepted call names its job"
    for _ in range(50):
        if version == 1:
            status = ges.show_job(v1.ShowJobRequest(graph_id=GRAPH, job_id=job)).status
        else:
            status = ges.show_job2(v2.ShowJob2Request(graph_id=GRAPH, job_id=job)).status
        if status == "success":
            return
        assert status in ("pending", "running"), status
        time.sleep(0.02)
    raise AssertionError(f"job {job} never ended")


def life(version, target):
    ges = client(version)
    if version == 1:
        calls = [
            lambda: ges.create_backup(v1.CreateBackupRequest(graph_id=GRAPH)),
            lambda: ges.upgrade_graph(v1.UpgradeGraphRequest(
                graph_id=GRAPH, action_id="upgrade", body=v1.UpgradeGraphReq(upgrade_version=target))),
            lambda: ges.restart_graph(v1.RestartGraphRequest(graph_id=GRAPH, action_id="restart")),
            lambda: ges.stop_graph(v1.StopGraphRequest(graph_id=GRAPH, action_id="stop")),
            lambda: ges.start_graph(v1.StartGraphRequest(graph_id=GRAPH, action_id="start", body=v1.StartGraphReq())),
        ]
    else:
        calls = [
            lambda: ges.create_backup2(v2.CreateBackup2Request(graph_id=GRAPH)),
            lambda: ges.upgrade_graph2(v2.UpgradeGraph2Request(
                graph_id=GRAPH, body=v2.UpgradeGraphReq(upgrade_version=target))),
            lambda: ges.restart_graph2(v2.RestartGraph2Request(graph_id=GRAPH)),
            lambda: ges.stop_graph2(v2.StopGraph2Request(graph_id=GRAPH)),
            lambda: ges.start_graph2(v2.StartGraph2Request(graph_id=GRAPH, body=v2.StartGraphReq())),
        ]
    for call in calls:
        wait(ges, version, call().job_id)


def refused(status, call):
    try:
        call()
    except ClientRequestException as error:
        assert error.status_code == status, (status, error.status_code, error.error_msg)
    else:
        raise AssertionError(f"expected status {status}, and the call succeeded")


life(1, "8.8.8")
life(2, "9.9.9")
stop = v2.StopGraph2Request(graph_id=GRAPH)
refused(404, lambda: client(2).stop_graph2(v2.StopGraph2Request(graph_id=NO_GRAPH)))
refused(401, lambda: client(2, sk="wrong").stop_graph2(stop))
refused(401, lambda: client(2, ak="wrong").stop_graph2(stop))
refused(400, lambda: client(2).upgrade_graph2(v2.UpgradeGraph2Request(graph_id=GRAPH, body=v2.UpgradeGraphReq())))
refused(400, lambda: client(1).restart_graph(v1.RestartGraphRequest(graph_id=GRAPH, action_id="explode")))
print("the official SDK is served")
