"""The door for notebooks: a study as data frames and axes, one file as a table with units."""
