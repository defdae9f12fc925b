"""The form: what is asked, by which rules, where it sits on paper, and how it is printed."""
