// Tests of DiscreteEvents.
