"""What a stage in a CRM makes of an account."""

from collections.abc import Mapping
from typing import Final, Literal

CrmRelation = Literal["prospect", "open_opportunity", "customer", "former_customer"]
"""The relations that sales decide. Whom nobody may contact, and who competes, only the accounts file says."""
HUBSPOT_STAGES: Final[Mapping[str, CrmRelation]] = {
    "opportunity": "open_opportunity",
    "customer": "customer",
    "evangelist": "customer",
}
"""Lifecycle stages. Earlier ones say nothing: an account that is back among leads may have been a customer."""
SALESFORCE_STAGES: Final[Mapping[str, CrmRelation]] = {
    "customer": "customer",
    "customer - direct": "customer",
    "customer - channel": "customer",
}
"""Values of the field Type of accounts."""
