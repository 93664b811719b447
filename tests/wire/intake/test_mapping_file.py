"""A mapping file: what it says, and what is wrong with it, with file and line."""

import pytest

from signal_engine.core.rules.kinds import LIST_FIELDS
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.events.models import EVENT_MODELS, field_validator
from signal_engine.wire.intake.mapping import BOOLEAN_FIELDS, NUMBER_FIELDS
from signal_engine.wire.intake.mapping_file import parse
from signal_engine.wire.intake.presets import preset, preset_names, preset_text

GOOD = """\
mapping: surge
produces: intent
match: [Domain, [Topic, Thema]]
account: {from: Domain}
event_id: [Topic, {from: Date, bucket: week}]
scope: any
occurred_at: {from: Date, formats: ["%m/%d/%Y"], zone: Europe/Berlin}
fields:
  topic: {from: [Topic, Thema]}
  score: {from: Score, number: true}
constants: {source: bombora}
when: {Score: {gte: 60}}
"""


def read(text: str):
    return parse("m.yaml", text.encode())


def test_a_mapping_says_where_everything_comes_from():
    mapping = read(GOOD)
    (production,) = mapping.productions
    assert mapping.match == (("Domain",), ("Topic", "Thema"))
    assert production.kind == "intent"
    assert production.accounts[0].reference.names == ("Domain",)
    assert production.identity.scope == "any"
    assert production.identity.key[1].bucket == "week"
    assert production.occurred_at.formats == ("%m/%d/%Y",)
    assert production.occurred_at.zone == "Europe/Berlin"
    assert production.fields["topic"].reference.names == ("Topic", "Thema")
    assert production.fields["score"].number
    assert production.when[0].answer({"Score": "60"}) is True


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("scope: any", "skope: any", "m.yaml:6: skope: is not a known field"),
        ("scope: any", "scope: both", "m.yaml:6: scope: must be 'source' or 'any'"),
        ("produces: intent", "produces: intend", "m.yaml:2: produces: must be one of intent, hiring"),
        ("  score:", "  points:", "m.yaml:10: fields.points: is no field of intent"),
        ("  score: {from: Score, number: true}\n", "", "m.yaml:8: fields: intent needs score"),
        ("bombora}", "bombora, round: a}", "m.yaml:11: constants.round: is no field of intent"),
        ("bombora}", f"{'b' * 65}}}", "m.yaml:11: constants.source: is not what source may be"),
        ("bucket: week", "bucket: fortnight", "m.yaml:5: event_id"),
        ("zone: Europe/Berlin", "zone: Berlin", "m.yaml:7: occurred_at.zone: must be `required` or the name"),
        ('"%m/%d/%Y"', '"MM/DD"', "m.yaml:7: occurred_at.formats.0: must be a pattern such as %d/%m/%Y"),
        ("gte: 60", "atleast: 60", "m.yaml:12: when.Score.atleast: unknown operator"),
        ("account: {from: Domain}\n", "", "m.yaml:1: account: is required"),
        ("{from: Domain}", "{from: Domain, through: names}", "m.yaml:4: account"),
        ("zone: Europe/Berlin", "days_before: -1", "m.yaml:7: occurred_at.days_before: "),
        ("scope: any", "state_feed: maybe", "m.yaml:6: state_feed: "),
        ("occurred_at:", "detected_at:", "m.yaml:7: detected_at: is not a known field"),
        ("scope: any", "each: jobs", "m.yaml:6: each: goes with `reads: json`"),
        ("scope: any", "only_first: true", "m.yaml:6: only_first: goes with a list of productions"),
        ("mapping: surge", "mapping: Surge!", "m.yaml:1: mapping:"),
        ("  score:", "  event_id: X\n  score:", "m.yaml:10: fields.event_id: has a key of its own at the top"),
    ],
)
def test_an_error_names_file_line_and_field(old, new, said):
    assert old in GOOD
    with pytest.raises(ConfigurationError) as refused:
        read(GOOD.replace(old, new))
    assert said in str(refused.value)


def test_the_other_names_of_a_column_hold_wherever_it_is_named():
    columns = "columns:\n  Domain: [Dominio]\n  Score: {also: [Wert], optional: true, hint: add it}\nscope: any"
    mapping = read(GOOD.replace("scope: any", columns))
    (production,) = mapping.productions
    assert mapping.match[0] == ("Domain", "Dominio")
    assert production.accounts[0].reference.names == ("Domain", "Dominio")
    assert not production.accounts[0].reference.optional
    for reference in (production.fields["score"].reference, mapping.conditions["Score"]):
        assert (reference.names, reference.optional, reference.hint) == (("Score", "Wert"), True, "add it")


def test_a_path_that_is_no_jmespath_is_refused_with_its_place():
    text = preset_text("lever-jobs").decode().replace("title: text", "title: 'text['")
    with pytest.raises(ConfigurationError, match=r"m.yaml:\d+: fields.title: 'text\[' is no JMESPath"):
        read(text)


def test_the_value_of_a_table_must_be_one_that_the_field_may_have():
    text = """\
mapping: x
produces: technographic
account: a
event_id: id
occurred_at: at
fields: {technology: t, change: c}
values: {change: {added: came}}
"""
    with pytest.raises(ConfigurationError, match=r"m.yaml:7: values.change.added: is not what change may be"):
        read(text)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_reads_and_says_where_its_columns_come_from(name):
    assert preset(name).name == name
    header = preset_text(name).decode().split("mapping:")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    assert "hecked 2026-" in header


@pytest.mark.parametrize(
    ("field", "kind"),
    [("score", "intent"), ("people", "intent"), ("amount_usd", "funding"), ("amount", "funding"),
     ("dwell_seconds", "engagement"), ("confidence", "intent"), ("automated", "engagement")],
)  # fmt: skip
def test_what_is_read_as_a_number_or_a_truth_value_is_one_in_the_model(field, kind):
    assert field in NUMBER_FIELDS | BOOLEAN_FIELDS
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (which one, the assertion says)
        field_validator(kind)({field: "text"})
    assert any(error["loc"][0] == field for error in refused.value.errors())


def test_every_other_field_takes_text_a_list_or_one_of_some_words():
    for kind, model in EVENT_MODELS.items():
        for field in model.__annotations__.keys() - NUMBER_FIELDS - BOOLEAN_FIELDS - LIST_FIELDS:
            with pytest.raises(ValueError) as refused:  # noqa: PT011
                field_validator(kind)({field: 1.5})
            (error,) = [error for error in refused.value.errors() if error["loc"][0] == field][:1]
            assert error["type"] in {"string_type", "literal_error"}, field
