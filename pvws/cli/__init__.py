"""The commands, one file each. They take flags apart, start what does the work, and put errors into words."""
