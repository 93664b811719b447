"""`sync` on real servers, beside a CRM on this machine."""
