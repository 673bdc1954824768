"""The HTTP control plane: a running test-bed, steered from a shell, from any language, or from a page."""
