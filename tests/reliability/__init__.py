"""How much the test-bed bears, run by `make reliability`; docs/reliability.md is made of what it finds."""
