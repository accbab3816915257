"""Whatever the OpenAPI description allows, and much it does not, never ends in a server error."""

import pytest
from serve_running import ready_service, settings

schemathesis = pytest.importorskip(
    "schemathesis", reason="schemathesis is not installed (requirements-dev.txt)"
)
from hypothesis import HealthCheck, Phase  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    from serve.application import create_app

    made = settings(tmp_path_factory.mktemp("serve"), hosts=("localhost", "testserver"))
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(made, ready_service(), ui=False))


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@hypothesis_settings(
    max_examples=6, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_no_server_error(case):
    reply = case.call()
    assert reply.status_code < 500, reply.text[:500]
    assert reply.status_code in (200, 400, 401, 403, 404, 405, 406, 413, 415, 422)
