"""What a publication writes: by its owner alone, upwards alone, three at most; and what it goes back to."""

import pytest

from signal_engine.engine.rules.publishing import (
    Plan,
    RuleRefused,
    RuleUnreadable,
    confirm_wiring,
    publish_icps,
    publish_scoring,
    retire_icp,
)
from signal_engine.engine.rules.rolling_back import earlier_icp, earlier_scoring, with_version
from signal_engine.wire.config import icp_file, scoring_file
from signal_engine.wire.rules.fit_load import AccountsLoad, write_fit_load
from tests.build import T0
from tests.engine.rules.topic import DANA, KIM, MemoryRules, scoring_text, signed, wanted_icp, wanted_scoring


def put(topic: MemoryRules, *icps: object, by: str = DANA) -> None:
    topic.plan(publish_icps(icps, signed(by), quiet=False))  # type: ignore[arg-type]


def refused(topic: MemoryRules, plan: Plan) -> str:
    before = list(topic.records)
    with pytest.raises(RuleRefused) as error:
        topic.plan(plan)
    assert topic.records == before
    return "; ".join(error.value.messages())


def versions(topic: MemoryRules) -> dict[str, int]:
    return {icp: one.rule.named.version for icp, one in topic.log.icps_in_force().items()}


def scoring_plan(version: int, **changed: int) -> Plan:
    def number(text: str) -> int:
        return scoring_file.parse("scoring.yaml", text.encode()).policy.version

    return publish_scoring(wanted_scoring(version, **changed), version, number)


def test_icps_come_into_force_beside_those_that_are() -> None:
    topic = MemoryRules()
    put(topic, wanted_icp())
    put(topic, wanted_icp("fintech"), wanted_icp("saas", 2))
    assert versions(topic) == {"saas": 2, "fintech": 1}
    current = topic.log.current_icps
    assert current is not None
    assert current.rule.publication == 2
    assert topic.records[-1].key == b"current/icp", "what is in force is the last record"


def test_what_is_in_force_already_writes_nothing() -> None:
    topic = MemoryRules()
    put(topic, wanted_icp())
    assert topic.plan(publish_icps([wanted_icp()], signed(KIM), quiet=False)) == []


def test_versions_only_go_up() -> None:
    topic = MemoryRules()
    put(topic, wanted_icp(version=3))
    for version in (2, 3):
        wanted = [wanted_icp(version=version, at_least=1)]
        assert "version 3 is in force: versions only go up" in refused(
            topic, publish_icps(wanted, signed(), quiet=False)
        )


def test_a_version_of_which_the_publication_ended_half_way_can_be_published_again() -> None:
    topic = MemoryRules()
    put(topic, wanted_icp(version=3))
    topic.write(wanted_icp(version=4, at_least=7).version)  # and no `current`
    assert versions(topic) == {"saas": 3}
    put(topic, wanted_icp(version=4, at_least=8))
    assert versions(topic) == {"saas": 4}


def test_only_the_owner_publishes_by_the_version_in_force() -> None:
    topic = MemoryRules()
    said = refused(topic, publish_icps([wanted_icp()], signed(KIM), quiet=False))
    assert "is to belong to dana@example.com, who alone publishes it" in said
    put(topic, wanted_icp())
    grab = publish_icps([wanted_icp(version=2, owner=KIM)], signed(KIM), quiet=False)
    assert "ICP saas belongs to dana@example.com" in refused(topic, grab)
    put(topic, wanted_icp(version=2, owner=KIM), by=DANA.upper())
    put(topic, wanted_icp(version=3, owner=KIM), by=KIM)
    assert versions(topic) == {"saas": 3}, "whom the owner hands it over to owns it"


def test_at_most_three_are_active_and_one_can_be_taken_out_by_its_owner() -> None:
    topic = MemoryRules()
    put(topic, *(wanted_icp(name) for name in ("a", "b", "c")))
    fourth = publish_icps([wanted_icp("d")], signed(), quiet=False)
    assert "at most 3 ICPs are active, and a, b, c are" in refused(topic, fourth)
    assert "belongs to dana@example.com" in refused(topic, retire_icp("b", signed(KIM), quiet=False))
    assert "in force: a, b, c" in refused(topic, retire_icp("x", signed(), quiet=False))
    topic.plan(retire_icp("b", signed(), quiet=False))
    topic.plan(fourth)
    assert versions(topic).keys() == {"a", "c", "d"}
    assert "was published before: versions only go up" in refused(
        topic, publish_icps([wanted_icp("b", at_least=3)], signed(), quiet=False)
    )


def test_the_last_one_stays() -> None:
    topic = MemoryRules()
    put(topic, wanted_icp())
    assert "is the only one in force" in refused(topic, retire_icp("saas", signed(), quiet=False))


def test_every_problem_of_a_publication_is_said() -> None:
    topic = MemoryRules()
    put(topic, wanted_icp("a", 2), wanted_icp("b", 2))
    both = publish_icps([wanted_icp("a", 1), wanted_icp("b", 1)], signed(KIM), quiet=False)
    assert refused(topic, both).count("versions only go up") == 2
    assert refused(topic, both).count("belongs to") == 2


def test_an_icp_goes_back_as_a_new_version_with_the_old_content() -> None:
    topic = MemoryRules()
    put(topic, wanted_icp(at_least=100))
    put(topic, wanted_icp(version=2, at_least=5))
    back = earlier_icp(topic.log, "saas", None, signed())
    assert (back.named.version, back.rollback_to) == (3, 1)
    assert back.text == wanted_icp(version=3, at_least=100).version.text
    profile, _ = icp_file.parse(back.name, back.text.encode())
    assert profile.version == 3


def test_which_version_to_go_back_to_can_be_said() -> None:
    topic = MemoryRules()
    for version in (1, 2, 4):
        put(topic, wanted_icp(version=version, at_least=version))
    assert "gte: 1}" in earlier_icp(topic.log, "saas", 1, signed()).text
    assert earlier_icp(topic.log, "saas", 2, signed()).named.version == 5
    for to, said in ((4, "no earlier version 4; the earlier versions are: 1, 2"), (3, "no earlier version 3")):
        with pytest.raises(RuleRefused, match=said):
            earlier_icp(topic.log, "saas", to, signed())
    with pytest.raises(RuleRefused, match="ICP x is not in force; in force: saas"):
        earlier_icp(topic.log, "x", None, signed())


def test_a_file_in_json_goes_back_too_and_one_without_a_version_of_its_own_line_is_said() -> None:
    assert with_version("a", '{"version": 3, "sells": {}}', 4) == '{"version": 4, "sells": {}}'
    assert with_version("a", "icp: a\nversion : 3  # the third\n", 12) == "icp: a\nversion : 12  # the third\n"
    with pytest.raises(RuleRefused, match=r"has no line of its own with `version:`"):
        with_version("a.yaml", "{icp: a, version: 3}", 4)


def test_a_scoring_file_is_published_upwards_alone_and_goes_back() -> None:
    topic = MemoryRules()
    assert len(topic.plan(scoring_plan(1))) == 2
    assert topic.plan(scoring_plan(1)) == [], "it is published already"
    assert "version 1 is in force: versions only go up" in refused(topic, scoring_plan(1, cooldown=9))
    topic.plan(scoring_plan(2, cooldown=9))
    first = wanted_scoring(1).config_version
    assert earlier_scoring(topic.log, None).rule.config_version == first
    assert earlier_scoring(topic.log, "1").rule.text == scoring_text(1)
    with pytest.raises(RuleRefused, match=f"the earlier ones are: {first}"):
        earlier_scoring(topic.log, "7")
    with pytest.raises(RuleRefused, match="no scoring file was published yet"):
        earlier_scoring(MemoryRules().log, None)


def test_records_that_cannot_be_read_change_nothing_and_are_named() -> None:
    topic = MemoryRules()
    put(topic, wanted_icp())
    topic.append("current/icp", b"{}")
    topic.append("fit", write_fit_load(AccountsLoad(7, T0, 2, (1, 1))))
    assert versions(topic) == {"saas": 1}
    assert topic.log.load is not None
    assert topic.log.load.rule.number == 7
    topic.append("fit", b"oops")
    one, other = topic.log.unreadable
    assert other.words.startswith(f"the record at offset {topic.log.end - 1} of the topic of rules cannot be read")
    assert topic.log.load.rule.number == 7, "the load before counts"
    assert one.words.startswith("the record at offset 3 of the topic of rules cannot be read: format is missing")


def test_what_is_to_be_in_force_and_is_not_there_is_said() -> None:
    topic = MemoryRules()
    *_, current = publish_icps([wanted_icp()], signed(), quiet=False)(topic.log)
    *_, scoring = scoring_plan(1)(topic.log)
    topic.write(current, scoring)
    assert [*topic.log.missing()] == [
        "version 1 of ICP saas is to be in force, but the topic of rules lacks it",
        f"the scoring file {wanted_scoring(1).config_version} is to be in force, but the topic of rules lacks it",
    ]


def test_a_retired_icp_comes_back_by_its_owner_alone() -> None:
    topic = MemoryRules()
    put(topic, wanted_icp(), wanted_icp("fintech"))
    topic.plan(retire_icp("saas", signed(), quiet=False))
    taken = wanted_icp(version=2, owner=KIM, by=KIM)
    assert f"belongs to {DANA}, who alone publishes it" in refused(
        topic, publish_icps([taken], signed(KIM), quiet=False)
    )
    put(topic, wanted_icp(version=2))
    assert versions(topic) == {"fintech": 1, "saas": 2}


def test_nothing_is_written_that_nobody_could_read() -> None:
    """Compaction would remove the last `current/icp` that can be read."""
    topic, long = MemoryRules(), "a" * 250 + "@example.com"
    put(topic, wanted_icp())
    before = list(topic.records)
    with pytest.raises(RuleUnreadable, match=r"icp/fintech/1/\w+ cannot be published, since nobody could read it: by"):
        topic.plan(publish_icps([wanted_icp("fintech", owner=long, by=long)], signed(long), quiet=False))
    assert topic.records == before


def test_a_system_is_confirmed_once_a_version_and_the_topic_keeps_it() -> None:
    topic = MemoryRules()
    note = signed("sam@example.com", "Routing by the new segments.")

    def confirmed(icp: str | None = None) -> Plan:
        return lambda log: [confirm_wiring(log, "crm_routing", icp, note)]

    assert "no ICP is published, so there is nothing to confirm" in refused(topic, confirmed())
    put(topic, wanted_icp())
    topic.plan(confirmed())
    assert topic.records[-1].key == b"wiring/saas/1/crm_routing"
    assert "crm_routing was confirmed already for saas version 1, at " in refused(topic, confirmed("saas"))
    put(topic, wanted_icp("saas", 2), wanted_icp("fintech"))
    assert "several ICPs are published: fintech, saas; --icp says which" in refused(topic, confirmed())
    assert "ICP other is not published; published: fintech, saas" in refused(topic, confirmed("other"))
    topic.plan(confirmed("saas"))
    assert [(icp, version) for icp, version, _ in topic.log.confirmed] == [("saas", 1), ("saas", 2)]
    (_, last) = topic.log.confirmed.values()
    assert (last.rule.by, last.rule.note, last.timestamp) == (note.by, note.reason, topic.records[-1].timestamp)
    assert versions(topic) == {"saas": 2, "fintech": 1}, "it changes nothing that is in force"
