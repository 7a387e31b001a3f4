"""Signatures under a job: a typed name, and the drawing where there is one."""

import io

from PIL import Image, UnidentifiedImageError

from aftersales.access import Permission, require
from aftersales.errors import Invalid
from aftersales.models import SignOff
from aftersales.orders.loading import editable
from aftersales.translate import N_
from aftersales.work import Work

SIGNERS = ("customer", "engineer")
SIGNATURE_BYTES = 1024 * 1024
SIGNATURE_PIXELS = 4_000_000


def sign_off(
    work: Work,
    order_id: int,
    *,
    role: str,
    name: str,
    signature_png: bytes | None = None,
    expected_version: int | None = None,
) -> SignOff:
    """Sign under a job: by a typed name, and a signature drawn on the screen where there is one.

    Whoever signs again stands beside the earlier signature; the last one of a role is printed.

    :param role: ``customer`` or ``engineer``.
    :param signature_png: the drawing as PNG: at most 1 MB and 4 million pixels, judged by content.
    """
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    said = " ".join(name.split())
    if role not in SIGNERS:
        raise Invalid(N_("The customer or the engineer signs"), code="signer")
    if not 1 <= len(said) <= 200:
        raise Invalid(N_("Type the name of the person who signs"), code="name")
    drawn = None
    if signature_png is not None:
        drawn = work.keep_file(_redrawn(signature_png), "image/png")
    row = SignOff(
        work_order_id=order.id, role=role, name=said, at=work.now, signature_hash=drawn, actor_id=work.actor.user_id
    )
    work.session.add(row)
    work.session.flush()
    return row


def _redrawn(content: bytes) -> bytes:
    refusal = Invalid(N_("The signature is not a small PNG picture"), code="signature")
    if len(content) > SIGNATURE_BYTES:
        raise refusal
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            if image.width * image.height > SIGNATURE_PIXELS:
                raise refusal
            clean = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        raise refusal from fault
    except Image.DecompressionBombWarning as bomb:
        raise refusal from bomb
    clean.info.clear()
    output = io.BytesIO()
    clean.save(output, "PNG")
    return output.getvalue()
