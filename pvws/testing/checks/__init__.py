"""The rules that a server is judged by, a section a file."""
