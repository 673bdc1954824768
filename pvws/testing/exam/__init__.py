"""The exam for clients in any language: cases, each a small scenario, and what came of them."""
