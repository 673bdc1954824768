"""What a person sees: pure folds and renderables of what a client received."""
