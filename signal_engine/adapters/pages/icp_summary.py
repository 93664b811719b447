"""An ICP as one page to print and to pin to the wall."""

from signal_engine.adapters.pages.templates import templates
from signal_engine.wire.output.reports.icp_summary import words as icp_summary_words
from signal_engine.wire.output.reports.icp_summary.documents import IcpSummary


def summary_page(summary: IcpSummary) -> str:
    """The page. It loads nothing."""
    return templates().get_template("icp_summary.html").render(one=summary, words=icp_summary_words)
