"""What is proved of every machine, by two engines that must agree."""
