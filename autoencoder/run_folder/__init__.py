"""What lies in a run's folder: a file here for each thing there."""
