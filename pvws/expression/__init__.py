"""One small language for filters, conditions, matchers and templates (docs/expressions.md). Pure."""
