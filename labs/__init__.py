"""What a student gets: the node library, and one folder of stub files for each lab."""
