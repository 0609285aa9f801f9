// Tests of CostModeling.
