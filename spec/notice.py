"""What every listing and every picture says once."""

NOTICE = (
    "Independent of all trials' sponsors; the protocols shipped are built from registry "
    "descriptions; not for treatment decisions."
)
