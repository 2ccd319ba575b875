"""What every listing and every picture says once."""

NOTICE = (
    "Independent of the trials' sponsors; built from registry descriptions; "
    "not for treatment decisions."
)
