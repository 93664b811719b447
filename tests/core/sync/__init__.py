"""The systems that follow: fields, selections and changes."""
