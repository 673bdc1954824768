"""The dashboard and clients in a real browser.

A package, so that what its tests share ends with them: while the browser runs, its thread can have no event loop.
"""
