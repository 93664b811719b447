"""Ways to write a URL that parsers read differently: whatever they read, nothing inside is reached."""

import pytest

from signal_engine.adapters.outgoing.posting import Poster, Unanswered
from signal_engine.wire.output.crm_link import crm_link
from signal_engine.wire.sync.sync_models import is_salesforce
from tests.outgoing.receivers import answers, receiving
from tests.outgoing.test_posting import Resolver

INSIDE = {
    "user": "https://1.1.1.1@127.0.0.1:PORT/", "user behind a backslash": "https://127.0.0.1:PORT\\@1.1.1.1/",
    "user with a slash": "https://1.1.1.1%2f@127.0.0.1:PORT/", "address as user": "https://[::1]@1.1.1.1:PORT/",
    "blank before the user": "https://1.1.1.1 @127.0.0.1:PORT/", "port and user": "https://1.1.1.1:443@[::1]:PORT/",
    "no slashes": "https:127.0.0.1:PORT/", "three slashes": "https:///127.0.0.1:PORT/",
    "ideographic stops": "https://127\u30020\u30020\u30021:PORT/", "tab": "https://127.0.\t0.1:PORT/",
    "line end": "https://127.0.0.1\n:PORT/", "blank in front": " https://127.0.0.1:PORT/",
    "percent": "https://%31%32%37.0.0.1:PORT/", "null": "https://127.0.0.1%00.example.com:PORT/",
    "capitals": "HTTPS://LOCALHOST:PORT/", "circled": "https://\u24db\u24decalhost:PORT/",
    "full width": "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11:PORT/", "mapped with zone": "https://[::ffff:127.0.0.1%25lo]:PORT/",
    "unspecified": "https://[::]:PORT/", "translated": "https://[::ffff:0:7f00:1]:PORT/",
    "question": "https://127.0.0.1:PORT?x=https://1.1.1.1", "backslashes": "https://1.1.1.1\\\\127.0.0.1:PORT/",
    "octal in one": "https://017700000001:PORT/", "file": "file:///etc/passwd", "socket": "unix:///run/x",
    "gopher": "gopher://127.0.0.1:PORT/", "ftp": "ftp://127.0.0.1:PORT/",
}  # fmt: skip


@pytest.mark.parametrize("url", INSIDE.values(), ids=INSIDE)
async def test_nothing_inside_is_reached(url: str) -> None:
    async with receiving(answers(200)) as receiver:
        port = receiver.url.rpartition(":")[2]
        answer = await Poster((), Resolver("127.0.0.1")).post(url.replace("PORT", port), b"{}", {})
    assert isinstance(answer, Unanswered)
    assert receiver.requests == []
    assert "127.0.0.1" not in answer.said


LOOK_ALIKES = {
    "domain behind": "https://acme.my.salesforce.com.evil.test", "user": "https://acme.my.salesforce.com@evil.test",
    "path": "https://evil.test/.salesforce.com", "query": "https://evil.test?.salesforce.com",
    "fragment": "https://evil.test#.salesforce.com", "backslash": "https://evil.test\\.salesforce.com",
    "line end": "https://acme.my.salesforce.com\n", "full stop": "https://acme.my.salesforce.com.",
    "Cyrillic": "https://acme.my.s\u0430lesforce.com", "ideographic stop": "https://acme.my.salesforce\u3002com",
    "no label": "https://.salesforce.com", "empty label": "https://acme..salesforce.com", "dash": "https://-.force.com",
    "glued": "https://notforce.com", "port": "https://acme.my.salesforce.com:443", "http": "http://acme.my.salesforce.com",
    "no scheme": "//acme.my.salesforce.com", "percent": "https://evil.test%2f.salesforce.com",
}  # fmt: skip


@pytest.mark.parametrize("url", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_look_alike_of_salesforce_gets_no_token(url: str) -> None:
    assert not is_salesforce(url)


@pytest.mark.parametrize(
    "url",
    ["https://acme.my.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com", "https://acme.my.salesforce.mil"],
)
def test_salesforces_own_instances_get_one(url: str) -> None:
    assert is_salesforce(url)


@pytest.mark.parametrize(
    "template",
    [
        "javascript:alert({crm_id})", "JAVASCRIPT:alert('{crm_id}')", "java\tscript:{crm_id}", " javascript:x{crm_id}",
        "data:text/html,{crm_id}", "vbscript:{crm_id}", "//evil.test/{crm_id}", "https:/a/{crm_id}",
        "http:javascript://x/{crm_id}", "https://\u202eevil.test/{crm_id}", "https://a.b/{crm_id}\u2028", "https://a.b/\"><script>{crm_id}",
        "https://a.b/'{crm_id}'", "https://{account_id}/{crm_id}", "https://a.b:{crm_id}/",
    ],
)  # fmt: skip
def test_a_link_into_the_crm_is_http_and_plain(template: str) -> None:
    with pytest.raises(ValueError, match="must"):
        crm_link(template)
