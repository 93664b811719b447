"""Names mean natively what they mean to Python, or are left to it; and belong where Kafka's partitioners put them."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.native.judge import NativeJudge
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.aliases import NO_ALIASES
from signal_engine.engine.partition.ordinary.batch import OrdinaryBatch
from signal_engine.engine.ports.fetched import Fetched
from signal_engine.wire.events.account_names import NotAnAccount, is_mail_provider, normalise
from tests.build import T0, policy
from tests.engine.stand import Rec, event_bytes

PARTITION_OF = partitioner(1)
labels = st.from_regex(r"(xn--)?[a-z0-9-]{0,5}", fullmatch=True) | st.sampled_from(
    ["a" * 63, "a" * 64, "github", "gmail", "blogspot", "co", "Acme", "a_b", "", "xn--mnchen-3ya", "\u00fc"]
)
suffixes = st.sampled_from(["com", "de", "ck", "io", "uk", "COM", "", "c0m", "co.uk", "web", "museum", "zz"])
names = st.builds("{}.{}".format, labels, suffixes) | st.text(max_size=12)


@example("github.io")
@example("gmail.com")
@example("acme.com\n")
@given(names)
def test_a_name_means_what_it_means_to_python(native_module: Any, text: str) -> None:
    judge = NativeJudge(native_module, ScoringContext(policy()))
    batch = OrdinaryBatch(judge, policy())
    record = Rec(0, T0, event_bytes(account=text))
    left = batch.take("intent", Fetched("", 0, 0, 1, [record]), T0, PARTITION_OF, NO_ALIASES).records
    name = normalise(text)
    is_left = isinstance(name, NotAnAccount) or is_mail_provider(name)
    assert (batch.names(), [*left]) == (([], [record]) if is_left else ([name], []))


@given(st.text(max_size=40), st.integers(1, 50))
def test_a_partition_is_that_of_kafka(native_module: Any, account: str, partitions: int) -> None:
    assert native_module.partition(account, partitions) == partitioner(partitions)(account)


@given(st.lists(st.sampled_from(["acme.com", "beta.com", "WWW.beta.com"]), min_size=1, max_size=4), st.integers(0, 1))
def test_another_partitioner_is_asked_anew(native_module: Any, texts: list[str], here: int) -> None:
    judge = NativeJudge(native_module, ScoringContext(policy()))
    for partition_of in (partitioner(2), lambda name: 0 if name == "acme.com" else 1, partitioner(3)):
        batch = OrdinaryBatch(judge, policy())
        records = [Rec(place, T0, event_bytes(account=text)) for place, text in enumerate(texts)]
        batch.take("intent", Fetched("", here, 0, len(records), records), T0, partition_of, NO_ALIASES)
        those = [normalise(text) for text in texts]
        assert batch.names() == [*dict.fromkeys(name for name in those if partition_of(str(name)) == here)]
