"""Pure rules of the register: values in, answer or refusal out."""
