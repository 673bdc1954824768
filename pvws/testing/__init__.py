"""What judges others: servers, by a checker that trusts nothing but the wire; and clients, by what a stage has seen."""
