"""What judges others: a checker of servers that trusts nothing but the wire, and never our own server's code."""
