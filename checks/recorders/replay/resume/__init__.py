"""What a resumed run is compared by: the state around each optimizer step, and the files that the program writes."""
