"""The report as a PDF, drawn from the same findings as the page, without a browser."""
