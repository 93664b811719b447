"""The 90-day review for the terminal: what to decide first."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output.reports.review import words
from signal_engine.wire.output.reports.review.documents import IcpReviewed, OutsideReviewed, Review
from signal_engine.wire.output.words import count, percent

_MOST: Final = 10
"""Rows of each table; --json and --html have more."""


def show_review(screen: Console, review: Review) -> None:
    """The whole review."""
    screen.print(Text(words.headline(review), "bold"))
    screen.print(f"  {review['since'][:10]} to {review['until'][:10]}; next review on {review['next_review']}")
    for caveat in review["caveats"]:
        screen.print(Text.assemble(("  note: ", "dim"), one_line(caveat)))
    for icp in review["icps"]:
        _show_icp(screen, icp)
    _show_outside(screen, review["outside"])
    _show_decisions(screen, review)
    _show_people(screen, review)
    for wired in review["wiring"] or ():
        screen.print(Text.assemble((f"Systems that follow {wired['icp']}: ", "bold"), words.wiring_words(wired)))
    for draft in review["drafts"]:
        screen.print(Text.assemble(("Draft ", "bold"), one_line(draft["file"]), ": ", words.draft_words(draft)))
    for play in review["retired_plays"] or ():
        screen.print(Text.assemble(("Play of a retired segment: ", "bold"), f"{play['why']}: {one_line(play['text'])}"))
    screen.print(Text("  Intervals are 95 %; better and worse are said family-wise at 1 %.", "dim"))


def _show_icp(screen: Console, icp: IcpReviewed) -> None:
    published = "from a file" if icp["published"] is None else f"published {icp['published'][:10]}"
    screen.print(
        Text.assemble(
            (f"\n{icp['icp']} version {icp['version']}", "bold"),
            f", {published}, owner {one_line(icp['owner'])}, review by {icp['review_by']}",
        )
    )
    screen.print(Text(f"  {words.whole_words(icp)}"))
    for name in icp["unmeasured"]:
        screen.print(Text.assemble(("  warning: ", "yellow"), f"outcomes do not tell the metric {one_line(name)}"))
    if (needed := words.needed_words(icp)) is not None:
        screen.print(Text(f"  {needed}", "dim"))
    table = _table(
        "Segment", "Verdict", "Admitted", "Won", "Lost", "Open", *(words.METRICS[one] for one in icp["metrics"])
    )
    for one in icp["segments"][:_MOST]:
        table.add_row(
            one_line(words.segment_name(one)),
            words.VERDICTS[one["verdict"]],
            *(f"{one[of]:,}" for of in ("admitted", "won", "lost", "open")),
            *(words.metric_value(metric) for metric in one["metrics"]),
        )
    screen.print(table)


def _show_outside(screen: Console, outside: OutsideReviewed) -> None:
    screen.print(
        Text.assemble(
            ("\nOutside the ICPs", "bold"),
            f": {count(outside['near_fits'], 'near fit')}, {outside['high_intent']:,} with high intent,"
            f" {count(len(outside['won']), 'deal')} won there",
        )
    )
    for title, costs in (("near fits", outside["near_costs"]), ("high intent", outside["high_intent_costs"])):
        for cost in costs:
            screen.print(Text(f"  {title}: {cost['accounts']:,} kept out by {one_line(cost['criterion'])}"))
    if outside["won"]:
        table = _table("Won outside", "Won", "Amount", "Kept out by", "Near", "Level")
        for one in outside["won"][:_MOST]:
            table.add_row(
                one_line(one["name"] or one["account_id"]),
                one["won_at"][:10],
                "" if one["amount_usd"] is None else f"${one['amount_usd']:,.0f}",
                one_line(one["criterion"] or "in no accounts file"),
                "near" if one["near"] else "",
                one["level"],
            )
        screen.print(table)


def _show_decisions(screen: Console, review: Review) -> None:
    decisions = review["decisions"]
    if decisions is None:
        return
    screen.print(Text.assemble(("\nWaiting for a decision", "bold"), f": {decisions['total']:,}"))
    for criterion in decisions["criteria"][:_MOST]:
        side = "admitted by" if criterion["admits"] else "kept out by"
        said = f"  {count(criterion['proposals'], 'proposal')} {side} {one_line(criterion['criterion'])}"
        screen.print(Text(f"{said} ({criterion['icp']})"))
    for row in [one for one in decisions["rows"] if one["question"] == "review"][:_MOST]:
        name = one_line(row["name"] or row["account_id"])
        screen.print(Text(f"  look at the kill of {name} again: {one_line(row['reason'] or 'no reason given')}"))


def _show_people(screen: Console, review: Review) -> None:
    if review["responses"]:
        table = _table("Alert", "Alerts", "Answered in 14 days", "Median time")
        for one in review["responses"]:
            share = one["answered"]["rate"]
            answered = f"{one['answered']['hits']:,}" + ("" if share is None else f" ({percent(share)})")
            table.add_row(one["alert"], f"{one['alerts']:,}", answered, words.response_words(one))
        screen.print(table)
    if review["people"]:
        table = _table("Person", "Alerts", "Per week", "Busiest week", "Weeks above capacity")
        for person in review["people"][:_MOST]:
            above = person["weeks_above"]
            table.add_row(
                one_line(person["person"] or "nobody is named"),
                f"{person['alerts']:,}",
                f"{person['a_week']:g}",
                f"{person['busiest_week']:,}",
                "" if above is None else f"{above:,}",
            )
        screen.print(table)


def _table(*titles: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for place, title in enumerate(titles):
        table.add_column(title, justify="left" if place == 0 else "right")
    return table
