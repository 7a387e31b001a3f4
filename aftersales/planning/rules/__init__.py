"""What planning decides: values in, answers out."""
