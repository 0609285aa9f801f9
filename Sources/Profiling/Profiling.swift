// Profiling
