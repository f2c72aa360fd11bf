"""What schemathesis needs to be told of the interface."""

import schemathesis


@schemathesis.serializer("application/partial-upload")
def partial_upload(ctx, value):
    """The bytes as they are."""
    value = getattr(value, "data", value)
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.serializer("image/*")
def image(ctx, value):
    """The bytes as they are."""
    value = getattr(value, "data", value)
    return value if isinstance(value, bytes) else str(value).encode()
