"""What the product costs: time at the start, memory under waiting browsers."""
