"""Files on disk that are more than text: recordings, plain and compressed."""
