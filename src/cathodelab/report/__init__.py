"""The report: HTML, Excel, csv."""
