"""What the rules miss: one builder per report, which is shown accounts.

Imports fit (accounts as read), ingest (what came in), `reports.missing_data`, the core and the wire; every builder
takes a `ReportBasis`.
"""
