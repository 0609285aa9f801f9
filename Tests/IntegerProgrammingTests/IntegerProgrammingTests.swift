// Tests of IntegerProgramming.
