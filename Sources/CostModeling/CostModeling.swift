// CostModeling
