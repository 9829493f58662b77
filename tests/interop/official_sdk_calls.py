"""What a call by the official Python SDK costs: starts a graph COUNT times and prints microseconds for one call.

usage: official_sdk_calls.py ENDPOINT COUNT
"""

import sys
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkges import v1

endpoint, count = sys.argv[1], int(sys.argv[2])
credentials = BasicCredentials("AK", "an SK", "0123456789abcdef0123456789abcdef")
ges = v1.GesClient.new_builder().with_credentials(credentials).with_endpoint(endpoint).build()
start_graph = v1.StartGraphRequest(
    graph_id="4c5f882d-a813-4d78-a8e3-6d3212ddd121",
    action_id="start",
    body=v1.StartGraphReq(graph_backup_id="08a898ae-3ff8-40e8-a7ed-03afe05aedbb"),
)
assert ges.start_graph(start_graph).job_id, "the call is answered"
start = time.perf_counter()
for _ in range(count):
    ges.start_graph(start_graph)
print((time.perf_counter() - start) / count * 1e6)
