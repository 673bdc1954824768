"""The proxy: between a real client and a real server, seeing everything and changing nothing but the Host."""
