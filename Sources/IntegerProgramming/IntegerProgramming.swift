// IntegerProgramming
